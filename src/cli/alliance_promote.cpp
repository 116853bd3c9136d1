// `postseal alliance promote`: from testing to enforcing, where the records show that nothing would have been
// stopped.
#include "cli/commands.hpp"
#include "cli/open_store.hpp"
#include "cli/who_runs.hpp"
#include "discover/alliances.hpp"
#include "ledger/transfers.hpp"
#include "policy/alliance_measure.hpp"
#include "policy/alliance_set.hpp"
#include "record/mailbox.hpp"
#include "store/error.hpp"
#include "task/clock.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

namespace postseal::cli {
namespace {

using policy::AllianceMember;

/// What the records say of one member's domain.
struct Measured {
    const AllianceMember* member = nullptr;
    std::size_t transfers = 0, stopped = 0;
    std::string why = {};  // the newest that would have been stopped
};
using Measures = std::map<std::string, Measured>;

std::string domainOf(const std::string& address) {
    const auto at = address.rfind('@');
    return at == address.npos ? std::string() : address.substr(at + 1);
}

/// The domains of the other side, each once.
std::vector<std::string> domainsOf(const record::HopRecord& hop) {
    std::vector<std::string> domains;
    if (hop.direction == record::Direction::in) {
        domains.push_back(domainOf(hop.sender));
    } else {
        for (const auto& recipient : hop.recipients)
            domains.push_back(domainOf(recipient.address));
    }
    std::ranges::sort(domains);
    const auto [first, last] = std::ranges::unique(domains);
    domains.erase(first, last);
    return domains;
}

void measure(Measures& measures, const record::HopRecord& hop) {
    const bool isOver =
        hop.result == record::HopResult::accepted || hop.result == record::HopResult::delivered;
    if (!hop.peer.address || !isOver) return;  // into a mailbox: nothing travelled
    for (const auto& domain : domainsOf(hop))
        for (auto& [covered, measured] : measures) {
            if (!policy::covers(covered, domain)) continue;
            ++measured.transfers;
            auto why = policy::whyStopped(*measured.member, hop);
            if (why.empty()) continue;
            ++measured.stopped;
            if (measured.why.empty()) measured.why = std::move(why);
        }
}

/// Of the list the domains that are meant and not enforced yet; the error names one that is no member.
base::Result<Measures, std::string> candidates(const AlliancePromote& command,
                                               const policy::JoinedAlliance& joined) {
    Measures all, meant;
    for (const auto& member : joined.list.members)
        for (const auto& domain : member.domains)
            all.emplace(domain, Measured{.member = &member});
    for (const auto& domain : command.domains)
        if (!all.contains(domain)) return base::fail(domain + " is no member of " + command.name);
    for (const auto& [domain, measured] : all) {
        const bool isMeant =
            command.domains.empty() || std::ranges::find(command.domains, domain) != command.domains.end();
        if (isMeant && modeOf(joined, *measured.member, domain) != policy::MemberMode::enforce)
            meant.emplace(domain, measured);
    }
    return meant;
}

/// Whether the records allow it; says what they say of each.
bool isClean(const Measures& measures) {
    bool isWell = true;
    for (const auto& [domain, measured] : measures) {
        auto words = fmt::format("{} transfers, ", measured.transfers);
        words += measured.stopped == 0
                     ? "none would have been stopped"
                     : fmt::format("{} would have been stopped: {}", measured.stopped, measured.why);
        print(fmt::format("    {:<32} {}", domain, words));
        isWell = isWell && measured.transfers > 0 && measured.stopped == 0;
    }
    return isWell;
}

void promote(discover::KeptAlliance& kept, const Measures& measures, bool isWhole) {
    if (isWhole) kept.isObserved = false;
    for (const auto& [domain, measured] : measures) {
        kept.accepted.insert(domain);
        if (measured.member->mode == policy::MemberMode::testing) kept.promoted.insert(domain);
    }
    kept.by = whoRuns();
}

}  // namespace

int run(const AlliancePromote& command) {
    const auto store = openStoreToWrite(command.config);
    if (!store) return failWith(store.error());
    const auto row = discover::allianceOf(*store->engine, command.name);
    if (!row) return failWith(base::toText(row.error()));
    if (!*row || (*row)->kept.isLeft()) return sayNo("the alliance " + command.name + " was not joined");
    auto kept = (*row)->kept;
    if (kept.isObserved && !command.domains.empty())
        return sayNo("the list is only observed: promote the whole of it, without naming members");
    const auto set = discover::allianceSetOf({**row}, {});
    if (!set) return failWith(set.error());
    auto measures = candidates(command, set->joined().front());
    if (!measures) return sayNo(measures.error());
    if (measures->empty()) return sayNo("all of them are enforced already");

    const auto take = [&](const record::HopRecord& hop) {
        measure(*measures, hop);
        return ledger::Search::goOn;
    };
    const auto read = ledger::lookBack(*store->engine, {.to = task::timeNow() - command.clean}, take);
    if (!read) return failWith(base::toText(read.error()));
    if (!isClean(*measures) && !command.isConfirmed)
        return sayNo(
            "nothing was promoted: the records don't show that all is well; --yes promotes all the same");
    promote(kept, *measures, command.domains.empty());
    const auto done = store::commitNow(*store->engine, discover::putAlliance(kept));
    if (!done) return failWith(base::toText(done.error()));
    print(fmt::format("Enforced from now on: {} of the alliance {}.", measures->size(), command.name));
    return 0;
}

}  // namespace postseal::cli
