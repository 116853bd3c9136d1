// The words of `postseal alliance ...`: adds them to the program's grammar, and makes the command of what was
// said.
#pragma once

#include "base/result.hpp"
#include "cli/arguments.hpp"

#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace postseal::cli {

class AllianceArguments {
public:
    explicit AllianceArguments(CLI::App& program);

    /// None: `leaf` is a command of others.
    std::optional<base::Result<Command, std::string>>
    commandOf(const CLI::App* leaf, const std::string& config, Output output) const;

private:
    void addMaking(CLI::App& alliance);
    void addJoining(CLI::App& alliance);
    void addSteering(CLI::App& alliance);
    base::Result<Command, std::string> build(const std::string& config) const;
    base::Result<Command, std::string> promote(const std::string& config) const;

    CLI::App *build_ = nullptr, *keygen_ = nullptr, *sign_ = nullptr, *verify_ = nullptr, *diff_ = nullptr;
    CLI::App *add_ = nullptr, *update_ = nullptr, *list_ = nullptr, *promote_ = nullptr, *leave_ = nullptr,
             *export_ = nullptr;
    std::string file_, other_, key_, root_, name_, output_, valid_ = "365d", clean_ = "14d", map_;
    std::vector<std::string> domains_, keys_;
    bool fromLedger_ = false, yes_ = false, observe_ = false;
};

}  // namespace postseal::cli
