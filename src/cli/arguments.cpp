#include "cli/arguments.hpp"

#include "base/ascii.hpp"
#include "base/time.hpp"
#include "cli/alliance_arguments.hpp"
#include "cli/foreign_words.hpp"
#include "cli/help.hpp"
#include "cli/ledger_arguments.hpp"
#include "cli/policy_arguments.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace postseal::cli {
namespace {

constexpr std::string_view defaultConfig = "/etc/postseal/postseal.toml";
constexpr std::string_view version = "postseal 0.1.0";

/// Commands of the plan (docs/) that this version does not have.
constexpr std::array<std::string_view, 5> laterCommands{"held", "user", "dns", "import", "init"};

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
    std::string path;
    for (; leaf != &app; leaf = leaf->get_parent())
        path.insert(0, leaf->get_name() + ' ');
    return "postseal: " + std::string(what) + "\nTry 'postseal " + path + "--help'.\n";
}

/// "unknown command", with the nearest known one.
std::string unknownCommand(const CLI::App& app, const std::string& word) {
    const auto* leaf = activeLeaf(app);
    if (leaf->get_subcommands({}).empty()) return mistake(app, "'" + word + "' is one word too many");
    if (leaf == &app && std::ranges::find(laterCommands, word) != laterCommands.end())
        return mistake(app, "'" + word + "' is not built in this version");
    if (const auto ours = commandMeantBy(word); !ours.empty())
        return mistake(app, "unknown command '" + word + "'; here that is '" + std::string(ours) + "'");
    std::vector<std::string> names;
    for (const auto* command : leaf->get_subcommands({}))
        names.push_back(command->get_name());
    const std::vector<std::string_view> known(names.begin(), names.end());
    const auto nearest = base::nearestWord(word, known);
    auto what = "unknown command '" + word + "'";
    if (!nearest.empty()) what += "; did you mean '" + std::string(nearest) + "'?";
    return mistake(app, what);
}

/// The long options that the command takes, its group's and the program's.
std::vector<std::string> optionsOf(const CLI::App* app) {
    std::vector<std::string> names;
    for (; app != nullptr; app = app->get_parent())
        for (const auto* option : app->get_options())
            for (const auto& name : option->get_lnames())
                names.push_back("--" + name);
    return names;
}

std::string unknownOption(const CLI::App& app) {
    const auto rest = app.remaining(true);
    const auto names = optionsOf(activeLeaf(app));
    const std::vector<std::string_view> known(names.begin(), names.end());
    const auto nearest = base::nearestWord(rest.front(), known);
    auto what = "unknown option '" + rest.front() + "'";
    if (!nearest.empty()) what += "; did you mean '" + std::string(nearest) + "'?";
    return mistake(app, what);
}

/// Adds the words of a command and of those below it.
void collect(const CLI::App& app, const std::string& path, std::vector<std::string>& words) {
    if (!path.empty()) words.push_back(path);
    for (const auto* option : app.get_options())
        for (const auto& name : option->get_lnames())
            words.push_back("--" + name);
    for (const auto* below : app.get_subcommands({}))
        collect(*below, path.empty() ? below->get_name() : path + ' ' + below->get_name(), words);
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
        app_.footer(help::program);
        app_.fallthrough();
        app_.allow_extras();

        serve_ = app_.add_subcommand("serve", "Run the server");
        serve_->add_flag("--check", check_, "Read the configuration and all it names, start nothing");
        serve_->footer(help::serve);

        ledger_.emplace(app_);
        addCheck();

        auto* queue = app_.add_subcommand("queue", "Look into the queue and steer it");
        queue->footer(help::queue);
        addLooks(*queue);
        addSteers(*queue);
        policy_.emplace(app_);
        alliance_.emplace(app_);
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
        if (const auto rest = app_.remaining(true); !rest.empty())
            return Ended{2, rest.front().starts_with('-') ? unknownOption(app_)
                                                          : unknownCommand(app_, rest.front())};
        const auto* leaf = activeLeaf(app_);
        if (!leaf->get_subcommands({}).empty()) return Ended{2, app_.help()};
        if (ledger_->asksForHelp(leaf)) return Ended{2, app_.help()};
        auto command = commandOf(leaf);
        if (!command) return Ended{2, mistake(app_, command.error())};
        return std::move(*command);
    }

    std::vector<std::string> words() const {
        std::vector<std::string> words;
        collect(app_, "", words);
        return words;
    }

private:
    void addCheck() {
        checks_ = app_.add_subcommand("check", "Say what is promised for mail to a domain, and why");
        checks_->add_option("domain", target_, "A domain, an address, or a next hop like [host]:port")
            ->type_name("DOMAIN");
        checks_->add_flag("--connect", connect_, "Make a TLS handshake with each server; no mail is sent");
        checks_->add_option("--from", sender_, "The sender of the mail")->type_name("ADDRESS");
        checks_
            ->add_option("--all-from", allFrom_,
                         "Check every domain of a list, one a line; -: standard input")
            ->type_name("FILE");
        checks_->add_flag("--csv", csv_, "With --all-from: comma-separated values, for spreadsheets");
        checks_->add_flag("--inbound", inbound_, "What is demanded of mail from the domain");
        checks_
            ->add_option("--client", client_,
                         "With --inbound: also whether it holds for this client, over TLS and with a valid "
                         "certificate for NAME")
            ->type_name("ADDRESS[,NAME]");
        checks_->footer(help::check);
    }

    base::Result<Command, std::string> checkInboundCommand() const {
        if (target_.empty() || !allFrom_.empty() || connect_ || csv_ || !sender_.empty())
            return base::fail(std::string("--inbound and --client take one domain, and --json"));
        const auto domain = base::DomainName::parse(target_);
        if (!domain) return base::fail("the domain " + domain.error());
        CheckInbound command{config_, json_ ? Output::json : Output::people, domain->text()};
        if (client_.empty()) return command;
        const auto comma = client_.find(',');
        const auto address = base::IpAddress::parse(client_.substr(0, comma));
        if (!address) return base::fail("--client '" + client_ + "': ADDRESS or ADDRESS,NAME");
        command.client = app::SupposedClient{*address};
        if (comma == std::string::npos) return command;
        const auto name = base::DomainName::parse(client_.substr(comma + 1));
        if (!name) return base::fail("--client '" + client_ + "': the name " + name.error());
        command.client->name = name->text();
        return command;
    }

    base::Result<Command, std::string> checkCommand() const {
        if (inbound_ || !client_.empty()) return checkInboundCommand();
        if (target_.empty() == allFrom_.empty())
            return base::fail(std::string(target_.empty() ? "which domain? Give one, or a list by --all-from"
                                                          : "a domain or --all-from, not both"));
        if (csv_ && allFrom_.empty()) return base::fail(std::string("--csv goes with --all-from"));
        if (csv_ && json_) return base::fail(std::string("--csv or --json, not both"));
        if (!sender_.empty() && sender_ != "<>")
            if (const auto mailbox = record::Mailbox::parse(sender_); !mailbox)
                return base::fail("--from '" + sender_ + "': " + mailbox.error());
        const auto form = json_ ? Check::Form::json : (csv_ ? Check::Form::csv : Check::Form::people);
        return Check{config_, form, target_, allFrom_, sender_, connect_};
    }

    void addLooks(CLI::App& queue) {
        destinations_ = queue.add_subcommand("destinations", "What waits for whom, since when, and why");
        destinations_->footer(help::destinations);
        list_ = queue.add_subcommand("list", "Messages that wait, and why");
        addFilters(*list_);
        list_->add_flag("--held", held_,
                        "Only what is held: by an administrator, or a report that can't be delivered");
        list_->add_option("--limit", limit_, "At most so many messages")
            ->type_name("N")
            ->check(CLI::PositiveNumber);
        list_->add_option("--after", after_, "Go on after this queue id")->type_name("ID");
        list_->footer(help::list);
        show_ = queue.add_subcommand("show", "One message and its recipients");
        show_->add_option("id", id_, "Queue id or Message-ID")->required()->type_name("ID");
        show_->footer(help::show);
        balance_ = queue.add_subcommand("balance", "Count what was accepted against what became of it");
        balance_->footer(help::balance);
    }

    void addSteers(CLI::App& queue) {
        using queue::Steer;
        addSteer(queue, Steer::retry, "retry", "Try what waits now", help::retry);
        addSteer(queue, Steer::hold, "hold", "Keep messages back until they are released", help::hold);
        addSteer(queue, Steer::release, "release", "Let go what was held", help::release);
        addSteer(queue, Steer::remove, "delete", "Take messages out of the queue", help::remove)
            .add_flag("--yes", yes_, "Don't ask");
    }

    CLI::App& addSteer(CLI::App& queue, queue::Steer steer, const char* name, const char* what,
                       const char* examples) {
        auto* command = queue.add_subcommand(name, what);
        command->add_option("ids", ids_, "Queue ids or Message-IDs")->type_name("ID");
        addFilters(*command);
        command->add_flag("--all", all_, "Everything in the queue");
        command->add_flag("--dry-run", dryRun_, "Only show what it would be done to");
        command->footer(std::string(help::selection) + examples);
        steers_.emplace_back(command, steer);
        return *command;
    }

    void addFilters(CLI::App& command) {
        command.add_option("--sender", sender_, "Messages from this address or domain")->type_name("ADDRESS");
        command.add_option("--recipient", recipient_, "Recipients at this address or domain")
            ->type_name("ADDRESS");
        command.add_option("--next-hop", nextHop_, "Recipients that wait for this next hop")
            ->type_name("HOP");
        command.add_option("--reason", reason_, "Recipients whose reason has these words")
            ->type_name("WORDS");
        command.add_option("--older-than", olderThan_, "Messages that arrived longer ago")->type_name("TIME");
    }

    base::Result<Command, std::string> commandOf(const CLI::App* leaf) const {
        const auto output = json_ ? Output::json : Output::people;
        if (leaf == serve_) return Serve{config_, check_ ? Serve::Mode::checkOnly : Serve::Mode::run};
        if (leaf == checks_) return checkCommand();
        if (leaf == destinations_) return QueueDestinations{config_, output};
        if (leaf == show_) return QueueShow{config_, id_, output};
        if (leaf == balance_) return QueueBalance{config_, output};
        if (auto command = ledger_->commandOf(leaf, config_, output)) return std::move(*command);
        if (auto command = policy_->commandOf(leaf, config_, output)) return std::move(*command);
        if (auto command = alliance_->commandOf(leaf, config_, output)) return std::move(*command);
        auto selection = select();
        if (!selection) return base::fail(std::move(selection.error()));
        if (leaf == list_) return QueueList{config_, output, std::move(*selection), limit_, after_};

        const bool isFiltered = !ids_.empty() || !sender_.empty() || !recipient_.empty() ||
                                !nextHop_.empty() || !reason_.empty() || !olderThan_.empty();
        if (!isFiltered && !all_)
            return base::fail(std::string("which messages? Give queue ids, a filter, or --all"));
        if (isFiltered && all_)
            return base::fail(std::string("--all is everything; leave it out beside ids or filters"));
        const auto steer = std::ranges::find(steers_, leaf, &std::pair<const CLI::App*, queue::Steer>::first);
        return QueueSteer{config_, output, steer->second, std::move(*selection), dryRun_, yes_};
    }

    base::Result<Selection, std::string> select() const {
        Selection selection{.isAll = all_};
        auto& filter = selection.filter;
        for (auto [given, target, name] : {std::tuple(&sender_, &filter.sender, "--sender"),
                                           std::tuple(&recipient_, &filter.recipient, "--recipient")}) {
            if (given->empty()) continue;
            auto pattern = queue::AddressPattern::parse(*given);
            if (!pattern) return base::fail(std::string(name) + " '" + *given + "': " + pattern.error());
            *target = std::move(*pattern);
        }
        if (!olderThan_.empty()) {
            selection.olderThan = base::parseDuration(olderThan_);
            if (!selection.olderThan)
                return base::fail("--older-than '" + olderThan_ + "': a time is like 90s, 30m, 4h or 2d");
        }
        if (!after_.empty() && !record::QueueId::parse(after_))
            return base::fail("--after '" + after_ + "' is no queue id");
        filter.ids = ids_;
        filter.nextHop = nextHop_;
        filter.reason = reason_;
        if (held_) filter.state = queue::State::held;
        return selection;
    }

    CLI::App app_;
    CLI::App *serve_ = nullptr, *checks_ = nullptr;
    CLI::App *list_ = nullptr, *show_ = nullptr, *balance_ = nullptr, *destinations_ = nullptr;
    std::vector<std::pair<const CLI::App*, queue::Steer>> steers_;
    std::optional<LedgerArguments> ledger_;
    std::optional<PolicyArguments> policy_;
    std::optional<AllianceArguments> alliance_;
    std::string config_{defaultConfig}, id_;
    std::vector<std::string> ids_;
    std::string sender_, recipient_, nextHop_, reason_, olderThan_, after_, target_, allFrom_, client_;
    int limit_ = 0;
    bool json_ = false, csv_ = false, connect_ = false, inbound_ = false, check_ = false, held_ = false,
         all_ = false, dryRun_ = false, yes_ = false;
};

}  // namespace

std::variant<Command, Ended> parseArguments(int argc, const char* const* argv) {
    return Grammar().parse(argc, argv);
}

std::vector<std::string> documentedWords() {
    return Grammar().words();
}

}  // namespace postseal::cli
