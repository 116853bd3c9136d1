#include "cli/arguments.hpp"

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <fstream>
#include <iterator>
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

TEST_CASE("arguments: what is to be checked") {
    const auto one = parse({"check", "bob@example.org", "--connect", "--from", "a@x.example", "--json"});
    REQUIRE(std::holds_alternative<Command>(one));
    const auto& check = std::get<Check>(std::get<Command>(one));
    CHECK(check.target == "bob@example.org");
    CHECK(check.connects);
    CHECK(check.from == "a@x.example");
    CHECK(check.form == Check::Form::json);
    const auto many = parse({"check", "--all-from", "-", "--csv"});
    REQUIRE(std::holds_alternative<Command>(many));
    CHECK(std::get<Check>(std::get<Command>(many)).allFrom == "-");
    CHECK(std::get<Check>(std::get<Command>(many)).form == Check::Form::csv);
}

TEST_CASE("arguments: whose mail is to be judged, and from which client") {
    const auto all = parse({"check", "Partner.Example", "--inbound", "--json"});
    REQUIRE(std::holds_alternative<Command>(all));
    const auto& inbound = std::get<CheckInbound>(std::get<Command>(all));
    CHECK(inbound.domain == "partner.example");
    CHECK_FALSE(inbound.client);
    const auto one = parse({"check", "partner.example", "--client", "192.0.2.7,mail.partner.example"});
    REQUIRE(std::holds_alternative<Command>(one));
    const auto& client = std::get<CheckInbound>(std::get<Command>(one)).client;
    REQUIRE(client);
    CHECK(client->address.toText() == "192.0.2.7");
    CHECK(client->name == "mail.partner.example");
    CHECK(std::holds_alternative<Ended>(
        parse({"check", "partner.example", "--client", "mail.partner.example"})));
    CHECK(std::holds_alternative<Ended>(parse({"check", "partner.example", "--inbound", "--connect"})));
}

TEST_CASE("arguments: what is meant of the queue") {
    const auto steer = parse({"queue", "delete", "00dT6QSJ8hw0007", "<42@example.org>", "--recipient",
                              "example.org", "--next-hop", "[mx.example.org]:25", "--reason", "timed out",
                              "--older-than", "2d", "--dry-run", "--yes"});
    REQUIRE(std::holds_alternative<Command>(steer));
    const auto& remove = std::get<QueueSteer>(std::get<Command>(steer));
    CHECK(remove.steer == queue::Steer::remove);
    const auto& filter = remove.selection.filter;
    CHECK(filter.ids == std::vector<std::string>{"00dT6QSJ8hw0007", "<42@example.org>"});
    CHECK(filter.recipient->matches("bob@example.org"));
    CHECK(!filter.sender.has_value());
    CHECK(filter.nextHop == "[mx.example.org]:25");
    CHECK(filter.reason == "timed out");
    CHECK(remove.selection.olderThan == std::chrono::hours(48));
    CHECK(remove.isDryRun);
    CHECK(remove.isConfirmed);
    CHECK(!remove.selection.isAll);

    const auto all = parse({"queue", "retry", "--all", "--json"});
    REQUIRE(std::holds_alternative<Command>(all));
    CHECK(std::get<QueueSteer>(std::get<Command>(all)).selection.isAll);
    const auto list = parse({"queue", "list", "--held", "--limit", "10", "--sender", "<>"});
    REQUIRE(std::holds_alternative<Command>(list));
    const auto& listed = std::get<QueueList>(std::get<Command>(list));
    CHECK(listed.limit == 10);
    CHECK(listed.selection.filter.state == queue::State::held);
    CHECK(listed.selection.filter.sender->matches(""));
}

TEST_CASE("arguments: policy") {
    const auto except = parse({"policy", "except", "example.org", "--level", "may", "--until", "2027-01-31",
                               "--reason", "it is so", "--requiretls", "disable"});
    REQUIRE(std::holds_alternative<Command>(except));
    const auto& words = std::get<PolicyExcept>(std::get<Command>(except)).words;
    CHECK(words.domain == "example.org");
    CHECK(words.level == "may");
    CHECK(words.until == "2027-01-31");
    CHECK(words.reason == "it is so");
    CHECK(words.requireTls == "disable");
    const auto end = parse({"policy", "except", "example.org", "--end"});
    CHECK(std::get<PolicyExcept>(std::get<Command>(end)).what == PolicyExcept::What::end);
    const auto accept =
        parse({"policy", "memory", "accept", "Example.ORG", "--reason", "they moved", "--json"});
    const auto& change = std::get<PolicyMemoryChange>(std::get<Command>(accept));
    CHECK(change.what == PolicyMemoryChange::What::accept);
    CHECK(change.domain == "example.org");
    CHECK(change.output == Output::json);
    CHECK(std::get<PolicyMemoryList>(std::get<Command>(parse({"policy", "memory", "list", "--fallen"})))
              .isFallen);
    CHECK(std::holds_alternative<PolicySuggest>(std::get<Command>(parse({"policy", "suggest"}))));
    const auto tried = parse({"policy", "try", "sealed", "--since", "30d", "--json"});
    const auto& level = std::get<PolicyTry>(std::get<Command>(tried));
    CHECK(level.level.claim == policy::standardSealed());
    CHECK(level.since.ago == std::chrono::hours(30 * 24));
    CHECK(level.output == Output::json);
    CHECK(std::get<Ended>(parse({"policy", "try", "may"})).status == 2);
    CHECK(std::get<Ended>(parse({"policy", "try"})).status == 2);
    CHECK(std::holds_alternative<PolicyExceptions>(std::get<Command>(parse({"policy", "exceptions"}))));
}

TEST_CASE("arguments: trace lists transfers by filters, a report counts them") {
    const auto list = parse({"trace", "--to", "bob@Example.org", "--domain", "example.net", "--since", "2d"});
    REQUIRE(std::holds_alternative<Command>(list));
    const auto& transfers = std::get<TraceList>(std::get<Command>(list));
    CHECK(transfers.to->matches("BOB@example.org"));
    CHECK(transfers.domain->matches("x@example.net"));
    CHECK(!transfers.from.has_value());
    CHECK(transfers.since.ago == std::chrono::hours(48));
    CHECK(transfers.limit == 50);
    const auto null = parse({"trace", "--from", "<>", "--limit", "3", "--json"});
    CHECK(std::get<TraceList>(std::get<Command>(null)).from->matches(""));
    CHECK(std::get<TraceList>(std::get<Command>(null)).limit == 3);
    CHECK(std::get<Trace>(std::get<Command>(parse({"trace", "00dT6QSJ8hw0007"}))).id == "00dT6QSJ8hw0007");

    const auto report = parse({"report", "traffic", "--since", "2026-11-01", "--by", "operator"});
    const auto& traffic = std::get<ReportTraffic>(std::get<Command>(report));
    CHECK(traffic.by == ledger::TrafficBy::operatorOfHost);
    CHECK(traffic.since.time == base::parseRfc3339("2026-11-01"));

    const auto refused = parse({"report", "refused", "--since", "7d", "--json"});
    CHECK(std::get<ReportRefused>(std::get<Command>(refused)).since.ago == std::chrono::hours(24 * 7));
    CHECK(std::get<ReportRefused>(std::get<Command>(refused)).output == Output::json);

    const auto alone = parse({"trace"});
    REQUIRE(std::holds_alternative<Ended>(alone));
    CHECK(std::get<Ended>(alone).status == 2);
    CHECK(std::get<Ended>(alone).text.find("postseal trace --to bob@partner.example") != std::string::npos);
}

TEST_CASE("docs/man: the pages name every command and option") {
    std::string pages;
    for (const auto* name :
         {"postseal.1.scd", "postseal-queue.1.scd", "postseal-policy.1.scd", "postseal-check.1.scd",
          "postseal-alliance.1.scd", "postseal-trace.1.scd", "postseal-report.1.scd"}) {
        std::ifstream stream(std::string(POSTSEAL_SOURCE_DIR) + "/docs/man/" + name);
        pages.append(std::istreambuf_iterator<char>(stream), {});
    }
    for (const auto& word : documentedWords()) {
        INFO(word);
        CHECK(pages.find('*' + word + '*') != std::string::npos);
    }
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
        {"a word of Postfix's",
         {"flush"},
         2,
         "unknown command 'flush'; here that is 'postseal queue retry --all'"},
        {"a word of Postfix's in the group", {"queue", "flush"}, 2, "'postseal queue retry --all'"},
        {"the other name of Postfix's queue", {"mailq"}, 2, "here that is 'postseal queue list'"},
        {"a word of Unix", {"queue", "ls"}, 2, "here that is 'postseal queue list'"},
        {"a word of systemd", {"start"}, 2, "here that is 'systemctl start postseal'"},
        {"how it is", {"status"}, 2, "here that is 'postseal queue destinations'"},
        {"a word for help", {"help"}, 2, "here that is 'postseal --help'"},
        {"nothing is near", {"xyzzyx"}, 2, "unknown command 'xyzzyx'"},
        {"a command of a later version", {"user", "list"}, 2, "not built in this version"},
        {"a list of nobody", {"alliance", "build"}, 2, "which domains?"},
        {"of two kinds at once", {"alliance", "build", "x", "--from-ledger"}, 2, "which domains?"},
        {"a name that is none", {"alliance", "build", "x", "--name", "a b"}, 2, "--name 'a b'"},
        {"a list without a key", {"alliance", "add", "x"}, 2, "--key"},
        {"a key that is none", {"alliance", "add", "x", "--key", "AAAA"}, 2, "no Ed25519 public key"},
        {"nothing to check", {"check"}, 2, "which domain?"},
        {"a domain and a list", {"check", "x.example", "--all-from", "f"}, 2, "not both"},
        {"CSV of one domain", {"check", "x.example", "--csv"}, 2, "--csv goes with --all-from"},
        {"CSV and JSON", {"check", "--all-from", "f", "--csv", "--json"}, 2, "not both"},
        {"a sender that is none", {"check", "x.example", "--from", "a b"}, 2, "--from 'a b'"},
        {"no id", {"trace"}, 2, "Examples:"},
        {"two ids", {"trace", "A", "B"}, 2, "'B' is one word too many"},
        {"a steering command that names nothing", {"queue", "retry"}, 2, "or --all"},
        {"--all and something",
         {"queue", "hold", "--all", "--sender", "a@x.example"},
         2,
         "--all is everything"},
        {"a pattern that is none", {"queue", "list", "--sender", "a b@x"}, 2, "--sender 'a b@x'"},
        {"a time that is none", {"queue", "delete", "--older-than", "soon"}, 2, "30m, 4h or 2d"},
        {"a limit that is none", {"queue", "list", "--limit", "0"}, 2, "--limit"},
        {"a page that is none", {"queue", "list", "--after", "x"}, 2, "no queue id"},
        {"a mistyped filter", {"queue", "list", "--next-hpo", "x"}, 2, "did you mean '--next-hop'?"},
        {"--yes is delete's", {"queue", "hold", "--all", "--yes"}, 2, "unknown option '--yes'"},
        {"help with examples", {"queue", "retry", "--help"}, 0, "--reason 'Connection refused'"},
        {"accepting without a reason", {"policy", "memory", "accept", "example.org"}, 2, "--reason"},
        {"a domain that is none", {"policy", "memory", "forget", "a b"}, 2, "'a b' is no domain"},
        {"an end and more", {"policy", "except", "x.example", "--end", "--level", "may"}, 2, "--end"},
        {"a mistyped command below two others",
         {"policy", "memory", "acept"},
         2,
         "did you mean 'accept'?\nTry 'postseal policy memory --help'"},
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
