#include "cli/arguments.hpp"

#include "base/ascii.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <vector>

namespace postseal::cli {
namespace {

constexpr std::string_view defaultConfig = "/etc/postseal/postseal.toml";
constexpr std::string_view version = "postseal 0.1.0";

/// Commands of the plan (docs/) that this version does not have.
constexpr std::array<std::string_view, 9> laterCommands{"check", "held",   "policy", "alliance", "user",
                                                        "dns",   "report", "import", "init"};

constexpr const char* examples = R"(Every command takes --config FILE and, where it prints data, --json.
Exit status: 0 fine, 1 the answer is no, 2 usage or configuration error.

Examples:
  postseal serve --check                       is the configuration right?
  postseal serve --config ./postseal.toml      run in the foreground
  postseal trace 00dT6QSJ8hw0007               how was this message protected, hop by hop?
  postseal trace '<42@example.org>' --json     the same by Message-ID, for programs
  postseal queue list                          what waits, and why

'postseal COMMAND --help' tells more.)";

constexpr const char* serveExamples =
    R"(Binds the listeners, then receives, queues and delivers until SIGTERM. SIGHUP reads configuration,
certificates and maps again; what is wrong is refused with its reason, and the old stays in force.

Examples:
  postseal serve                               with /etc/postseal/postseal.toml
  postseal serve --check                       read everything, start nothing; status 2 and the place of
                                               the error if something is wrong)";

constexpr const char* traceExamples =
    R"(Prints every hop of the messages that bear this queue id or Message-ID: with whom, what the policy
demanded, what protection the hop had and how it was proven. Status 1: no such message.

Examples:
  postseal trace 00dT6QSJ8hw0007
  postseal trace '<42@example.org>' --json)";

constexpr const char* queueExamples = R"(The queue can be asked while the server runs and while it doesn't.

Examples:
  postseal queue list                          all messages that still have recipients
  postseal queue show 00dT6QSJ8hw0007          one message with its recipients and next attempts
  postseal queue balance                       accepted = delivered + returned + queued + held + deleted +
                                               discarded, per recipient; status 1 if they differ)";

const CLI::App* activeLeaf(const CLI::App& app) {
    const auto* leaf = &app;
    while (!leaf->get_subcommands().empty())
        leaf = leaf->get_subcommands().front();
    return leaf;
}

/// The first word that no command took, if it stands where a command is expected.
std::optional<std::string> strayWord(const CLI::App& app) {
    const auto rest = app.remaining(true);
    const auto word = std::ranges::find_if(rest, [](const auto& w) { return !w.starts_with('-'); });
    return word == rest.end() ? std::nullopt : std::optional(*word);
}

std::string mistake(const CLI::App& app, std::string_view what) {
    const auto* leaf = activeLeaf(app);
    auto path = leaf == &app ? std::string() : leaf->get_name() + ' ';
    if (leaf->get_parent() != nullptr && leaf->get_parent() != &app)
        path = leaf->get_parent()->get_name() + ' ' + path;
    return "postseal: " + std::string(what) + "\nTry 'postseal " + path + "--help'.\n";
}

/// "unknown command", with the nearest known one.
std::string unknownCommand(const CLI::App& app, const std::string& word) {
    const auto* leaf = activeLeaf(app);
    if (leaf->get_subcommands({}).empty()) return mistake(app, "'" + word + "' is one word too many");
    if (leaf == &app && std::ranges::find(laterCommands, word) != laterCommands.end())
        return mistake(app, "'" + word + "' is not built in this version");
    std::vector<std::string> names;
    for (const auto* command : leaf->get_subcommands({}))
        names.push_back(command->get_name());
    const std::vector<std::string_view> known(names.begin(), names.end());
    const auto nearest = base::nearestWord(word, known);
    auto what = "unknown command '" + word + "'";
    if (!nearest.empty()) what += "; did you mean '" + std::string(nearest) + "'?";
    return mistake(app, what);
}

std::string unknownOption(const CLI::App& app) {
    const auto rest = app.remaining(true);
    constexpr std::array<std::string_view, 5> known{"--config", "--json", "--check", "--help", "--version"};
    const auto nearest = base::nearestWord(rest.front(), known);
    auto what = "unknown option '" + rest.front() + "'";
    if (!nearest.empty()) what += "; did you mean '" + std::string(nearest) + "'?";
    return mistake(app, what);
}

/// The program's grammar with the places that its words are read into.
class Grammar {
public:
    Grammar()
        : app_("Postseal: a mail server that proves how each hop of each message was protected.",
               "postseal") {
        app_.set_version_flag("--version", std::string(version), "Print the version and exit");
        app_.add_option("--config", config_, "Configuration file")->capture_default_str()->type_name("FILE");
        app_.add_flag("--json", json_, "Print data as JSON, for programs");
        app_.footer(examples);
        app_.fallthrough();
        app_.allow_extras();

        serve_ = app_.add_subcommand("serve", "Run the server");
        serve_->add_flag("--check", check_, "Read the configuration and all it names, start nothing");
        serve_->footer(serveExamples);

        trace_ = app_.add_subcommand("trace", "Print how each hop of a message was protected");
        trace_->add_option("id", id_, "Queue id or Message-ID")->required()->type_name("ID");
        trace_->footer(traceExamples);

        auto* queue = app_.add_subcommand("queue", "Look into the queue");
        queue->footer(queueExamples);
        queueList_ = queue->add_subcommand("list", "All messages that wait");
        queueShow_ = queue->add_subcommand("show", "One message and its recipients");
        queueShow_->add_option("id", id_, "Queue id or Message-ID")->required()->type_name("ID");
        queueBalance_ = queue->add_subcommand("balance", "Count what was accepted against what became of it");
    }

    std::variant<Command, Ended> parse(int argc, const char* const* argv) {
        try {
            app_.parse(argc, argv);
        } catch (const CLI::CallForHelp&) {
            return Ended{0, app_.help()};
        } catch (const CLI::CallForVersion& called) {
            return Ended{0, std::string(called.what()) + '\n'};
        } catch (const CLI::ParseError& error) {
            if (const auto word = strayWord(app_)) return Ended{2, unknownCommand(app_, *word)};
            return Ended{2, mistake(app_, error.what())};
        }
        if (const auto word = strayWord(app_)) return Ended{2, unknownCommand(app_, *word)};
        if (!app_.remaining(true).empty()) return Ended{2, unknownOption(app_)};
        const auto* leaf = activeLeaf(app_);
        if (!leaf->get_subcommands({}).empty()) return Ended{2, app_.help()};
        return commandOf(leaf);
    }

private:
    Command commandOf(const CLI::App* leaf) const {
        const auto output = json_ ? Output::json : Output::people;
        if (leaf == serve_) return Serve{config_, check_ ? Serve::Mode::checkOnly : Serve::Mode::run};
        if (leaf == trace_) return Trace{config_, id_, output};
        if (leaf == queueList_) return QueueList{config_, output};
        if (leaf == queueShow_) return QueueShow{config_, id_, output};
        return QueueBalance{config_, output};
    }

    CLI::App app_;
    CLI::App *serve_ = nullptr, *trace_ = nullptr;
    CLI::App *queueList_ = nullptr, *queueShow_ = nullptr, *queueBalance_ = nullptr;
    std::string config_{defaultConfig}, id_;
    bool json_ = false, check_ = false;
};

}  // namespace

std::variant<Command, Ended> parseArguments(int argc, const char* const* argv) {
    return Grammar().parse(argc, argv);
}

}  // namespace postseal::cli
