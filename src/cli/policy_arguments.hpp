// The words of `postseal policy ...`: adds them to the program's grammar, and makes the command of what was
// said.
#pragma once

#include "base/result.hpp"
#include "cli/arguments.hpp"

#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace postseal::cli {

class PolicyArguments {
public:
    explicit PolicyArguments(CLI::App& program);

    /// None: `leaf` is a command of others.
    std::optional<base::Result<Command, std::string>>
    commandOf(const CLI::App* leaf, const std::string& config, Output output) const;

private:
    void addExceptions(CLI::App& policy);
    void addMemory(CLI::App& policy);

    CLI::App *except_ = nullptr, *exceptions_ = nullptr, *suggest_ = nullptr;
    CLI::App *list_ = nullptr, *accept_ = nullptr, *forget_ = nullptr;
    policy::ExceptionWords words_;
    std::string domain_, reason_;
    bool isEnd_ = false, isFallen_ = false;
};

}  // namespace postseal::cli
