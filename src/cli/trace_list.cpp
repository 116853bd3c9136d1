#include "base/ascii.hpp"
#include "cli/commands.hpp"
#include "cli/open_store.hpp"
#include "cli/transport.hpp"
#include "ledger/transfers.hpp"
#include "record/json.hpp"
#include "task/clock.hpp"

#include <algorithm>
#include <cstdio>

namespace postseal::cli {
namespace {

using record::HopRecord;

bool isFor(const queue::AddressPattern& pattern, const HopRecord& hop) {
    return std::ranges::any_of(hop.recipients, [&](const record::RecipientOutcome& outcome) {
        return pattern.matches(outcome.address);
    });
}

bool isMeant(const TraceList& command, const HopRecord& hop) {
    if (command.to && !isFor(*command.to, hop)) return false;
    if (command.from && !command.from->matches(hop.sender)) return false;
    return !command.domain || command.domain->matches(hop.sender) || isFor(*command.domain, hop);
}

/// What each record must hold that can be meant.
std::string wordsOf(const TraceList& command) {
    for (const auto* pattern : {&command.to, &command.from, &command.domain})
        if (*pattern && !(*pattern)->text().empty()) return base::toLower((*pattern)->text());
    return {};
}

std::string textOf(const std::vector<HopRecord>& hops, Output output) {
    std::string text = output == Output::json ? "[" : transferHead();
    for (const auto& hop : hops) {
        if (output == Output::json)
            text += (text.size() > 1 ? "," : "") + record::toJson(hop);
        else
            text += transferLine(hop);
    }
    return output == Output::json ? text + ']' : text;
}

}  // namespace

base::Timestamp timeOf(const Since& since) {
    return since.ago ? task::timeNow() - *since.ago : since.time;
}

int run(const TraceList& command) {
    const auto store = openStore(command.config);
    if (!store) return failWith(store.error());
    std::vector<HopRecord> hops;
    const auto take = [&](HopRecord hop) {
        if (isMeant(command, hop)) hops.push_back(std::move(hop));
        return std::cmp_less(hops.size(), command.limit) ? ledger::Search::goOn : ledger::Search::end;
    };
    const auto read =
        ledger::lookBack(*store->engine, {.to = timeOf(command.since), .words = wordsOf(command)}, take);
    if (!read) return failWith(base::toText(read.error()));
    if (!hops.empty() || command.output == Output::json) print(textOf(hops, command.output));
    if (!hops.empty()) return 0;
    std::fputs("postseal: no such transfer is recorded\n", stderr);
    return 1;
}

}  // namespace postseal::cli
