#include "cli/arguments.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <vector>

namespace postseal::cli {
namespace {

std::variant<Command, Ended> parse(const std::vector<const char*>& words) {
    auto line = words;
    line.insert(line.begin(), "postseal");
    return parseArguments(static_cast<int>(line.size()), line.data());
}

}  // namespace

TEST_CASE("arguments: a command becomes a value, options may stand before or after it") {
    const auto trace = parse({"--json", "trace", "<42@example.org>", "--config", "x.toml"});
    REQUIRE(std::holds_alternative<Command>(trace));
    const auto& wanted = std::get<Trace>(std::get<Command>(trace));
    CHECK(wanted.id == "<42@example.org>");
    CHECK(wanted.config == "x.toml");
    CHECK(wanted.output == Output::json);

    const auto serve = parse({"serve", "--check"});
    REQUIRE(std::holds_alternative<Command>(serve));
    const auto& check = std::get<Serve>(std::get<Command>(serve));
    CHECK(check.mode == Serve::Mode::checkOnly);
    CHECK(check.config == "/etc/postseal/postseal.toml");

    CHECK(std::holds_alternative<QueueList>(std::get<Command>(parse({"queue", "list"}))));
    CHECK(std::holds_alternative<QueueBalance>(std::get<Command>(parse({"queue", "balance", "--json"}))));
    CHECK(std::get<QueueShow>(std::get<Command>(parse({"queue", "show", "X"}))).id == "X");
}

TEST_CASE("arguments: a mistake ends with status 2 and says what was meant") {
    struct Row {
        const char* why;
        std::vector<const char*> words;
        int status;
        const char* says;
    };
    const Row rows[] = {
        {"help is no mistake", {"--help"}, 0, "Examples:"},
        {"help of a command", {"queue", "list", "--help"}, 0, "postseal queue list"},
        {"the version", {"--version"}, 0, "postseal 0."},
        {"nothing at all", {}, 2, "Subcommands:"},
        {"a group without its command", {"queue"}, 2, "balance"},
        {"a mistyped command", {"serv"}, 2, "did you mean 'serve'?"},
        {"a mistyped command of a group", {"queue", "lst"}, 2, "did you mean 'list'?"},
        {"a mistyped option", {"serve", "--chekc"}, 2, "did you mean '--check'?"},
        {"nothing is near", {"xyzzyx"}, 2, "unknown command 'xyzzyx'"},
        {"a command of a later version", {"check", "example.org"}, 2, "not built in this version"},
        {"no id", {"trace"}, 2, "id is required"},
        {"two ids", {"trace", "A", "B"}, 2, "'B' is one word too many"},
        {"an option without its value", {"serve", "--config"}, 2, "--config"},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        const auto result = parse(row.words);
        REQUIRE(std::holds_alternative<Ended>(result));
        const auto& ended = std::get<Ended>(result);
        CHECK(ended.status == row.status);
        INFO(ended.text);
        CHECK(ended.text.find(row.says) != std::string::npos);
    }
}

}  // namespace postseal::cli
