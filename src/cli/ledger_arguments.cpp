#include "cli/ledger_arguments.hpp"

#include "base/time.hpp"
#include "cli/ledger_help.hpp"

#include <CLI/CLI.hpp>

#include <array>
#include <utility>

namespace postseal::cli {
namespace {

using ledger::TrafficBy;

constexpr std::array<std::pair<const char*, TrafficBy>, 4> kinds{{{"all", TrafficBy::all},
                                                                  {"domain", TrafficBy::domain},
                                                                  {"day", TrafficBy::day},
                                                                  {"operator", TrafficBy::operatorOfHost}}};

base::Result<std::optional<queue::AddressPattern>, std::string> parsePattern(const char* name,
                                                                             const std::string& text) {
    if (text.empty()) return std::optional<queue::AddressPattern>();
    auto pattern = queue::AddressPattern::parse(text);
    if (!pattern) return base::fail(std::string(name) + " '" + text + "': " + pattern.error());
    return std::optional(std::move(*pattern));
}

}  // namespace

base::Result<Since, std::string> parseSince(const std::string& text) {
    if (text.empty()) return Since{};
    if (const auto ago = base::parseDuration(text)) return Since{.ago = ago};
    if (const auto time = base::parseRfc3339(text)) return Since{.time = *time};
    return base::fail("--since '" + text + "': a day is like 2026-11-23, a time ago like 30m, 4h or 2d");
}

LedgerArguments::LedgerArguments(CLI::App& program) {
    addTrace(program);
    addReports(program);
}

void LedgerArguments::addTrace(CLI::App& program) {
    trace_ =
        program.add_subcommand("trace", "Print how each hop of a message was protected, or list transfers");
    trace_->add_option("id", id_, "Queue id or Message-ID")->type_name("ID");
    trace_->add_option("--to", to_, "List transfers to this recipient")->type_name("FILTER");
    trace_->add_option("--from", from_, "List transfers from this sender")->type_name("FILTER");
    trace_->add_option("--domain", domain_, "List transfers to or from this domain")->type_name("DOMAIN");
    trace_->add_option("--since", since_, "List transfers since then")->type_name("TIME");
    trace_->add_option("--limit", limit_, "At most so many, the newest")
        ->capture_default_str()
        ->type_name("N")
        ->check(CLI::PositiveNumber);
    trace_->footer(help::trace);
}

void LedgerArguments::addReports(CLI::App& program) {
    auto* report = program.add_subcommand("report", "What the records of all mail come to");
    report->footer(help::report);
    traffic_ = report->add_subcommand("traffic", "How much mail was sealed, encrypted, in clear text");
    traffic_->add_option("--since", since_, "Since a day, or so long ago; default: all that is kept")
        ->type_name("TIME");
    traffic_->add_option("--by", by_, "A line for each domain, day or operator")->type_name("WHAT");
    traffic_->add_option("--limit", limit_, "At most so many lines out, and in")
        ->capture_default_str()
        ->type_name("N")
        ->check(CLI::PositiveNumber);
    traffic_->footer(help::traffic);
    refused_ = report->add_subcommand("refused", "Whose mail the rules for incoming mail refused, and why");
    refused_->add_option("--since", since_, "Since a day, or so long ago; default: all that is kept")
        ->type_name("TIME");
    refused_->add_option("--limit", limit_, "At most so many lines for people, the most refused")
        ->capture_default_str()
        ->type_name("N")
        ->check(CLI::PositiveNumber);
    refused_->footer(help::refused);
}

bool LedgerArguments::asksForHelp(const CLI::App* leaf) const {
    return leaf == trace_ && id_.empty() && to_.empty() && from_.empty() && domain_.empty() && since_.empty();
}

base::Result<Command, std::string> LedgerArguments::transfers(const std::string& config,
                                                              Output output) const {
    const auto to = parsePattern("--to", to_);
    if (!to) return base::fail(to.error());
    const auto from = parsePattern("--from", from_);
    if (!from) return base::fail(from.error());
    const auto domain =
        parsePattern("--domain", domain_.empty() || domain_.starts_with('@') ? domain_ : '@' + domain_);
    if (!domain) return base::fail(domain.error());
    const auto since = parseSince(since_);
    if (!since) return base::fail(since.error());
    return TraceList{config, output, *to, *from, *domain, *since, limit_};
}

std::optional<base::Result<Command, std::string>>
LedgerArguments::commandOf(const CLI::App* leaf, const std::string& config, Output output) const {
    using Made = base::Result<Command, std::string>;
    if (leaf == trace_) {
        if (id_.empty()) return transfers(config, output);
        if (to_.empty() && from_.empty() && domain_.empty() && since_.empty())
            return Made(Trace{config, id_, output});
        return Made(base::fail(std::string("an id is one message; leave it out beside filters")));
    }
    if (leaf != traffic_ && leaf != refused_) return std::nullopt;
    const auto since = parseSince(since_);
    if (!since) return Made(base::fail(since.error()));
    if (leaf == refused_) return Made(ReportRefused{config, output, *since, limit_});
    for (const auto& [name, kind] : kinds)
        if (by_ == name) return Made(ReportTraffic{config, output, *since, kind, limit_});
    return Made(base::fail("--by '" + by_ + "' is none of domain, day, operator"));
}

}  // namespace postseal::cli
