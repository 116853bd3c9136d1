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
    void addTry(CLI::App& policy);
    base::Result<Command, std::string> tried(const std::string& config, Output output) const;

    CLI::App *except_ = nullptr, *exceptions_ = nullptr, *suggest_ = nullptr;
    CLI::App *list_ = nullptr, *accept_ = nullptr, *forget_ = nullptr, *try_ = nullptr;
    policy::ExceptionWords words_;
    std::string domain_, reason_, level_, since_;
    bool isEnd_ = false, isFallen_ = false;
    int limit_ = 50;
};

}  // namespace postseal::cli
