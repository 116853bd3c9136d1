#include "check/checked.hpp"

#include <algorithm>

namespace postseal::check {
namespace {

using policy::Verdict;
using record::Assurance;
using record::ClaimNote;

void merge(std::vector<ClaimNote>& all, const std::vector<ClaimNote>& more) {
    for (const auto& note : more) {
        const auto same = std::ranges::find_if(all, [&](const ClaimNote& one) {
            return one.origin == note.origin && one.level == note.level && one.detail == note.detail;
        });
        if (same == all.end())
            all.push_back(note);
        else
            same->won = same->won || note.won;
    }
}

}  // namespace

std::optional<Assurance> leastOf(const discover::Host& host, const discover::Probe& probe) {
    std::optional<Assurance> least;
    for (const auto& address : probe) {
        if (!address.isReached) continue;
        // What fails here where clear text is permitted goes there in clear text (rule 45).
        if (!address.isMet && !permitsCleartext(host.requirement)) continue;
        const auto had =
            address.isMet ? address.assurance.value_or(Assurance::cleartext) : Assurance::cleartext;
        least = std::min(least.value_or(had), had);
    }
    return least;
}

const discover::ProbedAddress* spokesmanOf(const discover::Probe& probe) {
    for (const auto isWanted : {&discover::ProbedAddress::isMet, &discover::ProbedAddress::isReached})
        if (const auto found = std::ranges::find_if(probe, isWanted); found != probe.end()) return &*found;
    return probe.empty() ? nullptr : &probe.front();
}

std::optional<Experience> justNow(const Checked& checked) {
    Experience experience{.since = checked.time};
    for (const auto& leg : checked.legs)
        for (std::size_t i = 0; i < leg.probes.size(); ++i)
            if (const auto least = leastOf(leg.destination->hosts[i], leg.probes[i])) {
                experience.assurance = std::min(experience.assurance, *least);
                ++experience.count;
            }
    return experience.count == 0 ? std::nullopt : std::optional(experience);
}

std::optional<Experience> remembered(const Checked& checked) {
    if (!checked.remembered) return std::nullopt;
    const auto& memory = *checked.remembered;
    if (const auto& fall = memory.fall())
        return Experience{fall->found, fall->since, memory.of(fall->found).deliveries};
    for (const auto assurance : {Assurance::authenticated, Assurance::encrypted, Assurance::cleartext})
        if (const auto& reached = memory.of(assurance); reached.deliveries > 0)
            return Experience{assurance, reached.first, reached.deliveries};
    return std::nullopt;
}

std::vector<ClaimNote> claimsOf(const CheckedLeg& leg) {
    std::vector<ClaimNote> all;
    if (leg.destination)
        for (const auto& host : leg.destination->hosts)
            merge(all, host.claims);
    return all;
}

std::vector<ClaimNote> claimsOf(const Checked& checked) {
    std::vector<ClaimNote> all;
    for (const auto& leg : checked.legs)
        merge(all, claimsOf(leg));
    return all;
}

std::size_t countHosts(const Checked& checked) {
    std::size_t count = 0;
    for (const auto& leg : checked.legs)
        count += leg.destination ? leg.destination->hosts.size() : 0;
    return count;
}

bool isProbed(const Checked& checked) {
    return std::ranges::any_of(checked.legs, [](const CheckedLeg& leg) { return !leg.probes.empty(); });
}

bool isFine(const Checked& checked) {
    const auto verdict = checked.forecast.verdict;
    return checked.forecast.isPromised && (verdict == Verdict::sealed || verdict == Verdict::encrypted);
}

}  // namespace postseal::check
