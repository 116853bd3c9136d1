// The words of `postseal trace` and `postseal report ...`, which ask the ledger: adds them to the program's
// grammar, and makes the command of what was said.
#pragma once

#include "base/result.hpp"
#include "cli/arguments.hpp"

#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace postseal::cli {

/// `--since`: a day, a time, or how long ago; empty: as far back as records go.
base::Result<Since, std::string> parseSince(const std::string& text);

class LedgerArguments {
public:
    explicit LedgerArguments(CLI::App& program);

    /// None: `leaf` is a command of others.
    std::optional<base::Result<Command, std::string>>
    commandOf(const CLI::App* leaf, const std::string& config, Output output) const;
    /// `trace` alone: whoever says so wants to know what it can do.
    bool asksForHelp(const CLI::App* leaf) const;

private:
    void addTrace(CLI::App& program);
    void addReports(CLI::App& program);
    base::Result<Command, std::string> transfers(const std::string& config, Output output) const;

    CLI::App *trace_ = nullptr, *traffic_ = nullptr, *refused_ = nullptr;
    std::string id_, to_, from_, domain_, since_, by_{"all"};
    int limit_ = 50;
};

}  // namespace postseal::cli
