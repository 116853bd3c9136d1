#include "policy/suggestion.hpp"

#include <fmt/format.h>

namespace postseal::policy {
namespace {

using record::Assurance;
using record::Proof;

/// A wildcard `*.example.org` is `.example.org` in a map.
std::string matchOf(const std::vector<MxPattern>& mxPatterns) {
    std::string match;
    for (const auto& pattern : mxPatterns)
        match += fmt::format("{}{}{}", match.empty() ? "" : ":", pattern.isWildcard ? "." : "", pattern.name);
    return match;
}

}  // namespace

std::optional<Suggestion> suggestion(std::string_view domain, const Memory& memory,
                                     const std::vector<MxPattern>& mxPatterns, base::Timestamp now) {
    const auto& reached = memory.of(Assurance::authenticated);
    const bool isLong = reached.deliveries > 0 && now - reached.first >= suggestedAfter;
    const bool isStill = !memory.fall() && reached.last == memory.of(Assurance::cleartext).last;
    if (!isLong || !isStill) return std::nullopt;
    const auto had = inWords(memory, Assurance::authenticated);
    switch (memory.proof) {
    case Proof::dane:
        return Suggestion{fmt::format("{} dane-only", domain),
                          fmt::format("{}: {}. Without usable TLSA records mail waits", domain, had)};
    case Proof::mtaSts: {
        const auto match = matchOf(mxPatterns);
        if (match.empty()) return std::nullopt;
        return Suggestion{fmt::format("{} secure match={}", domain, match),
                          fmt::format("{}: {}. The names are its MTA-STS policy's of today", domain, had)};
    }
    case Proof::pkix:
        return Suggestion{fmt::format("{} secure", domain),
                          fmt::format("{}: {}. Its servers bear the domain's own name", domain, had)};
    case Proof::fingerprint:
    case Proof::clientCertificate:
    case Proof::none: return std::nullopt;
    }
    return std::nullopt;
}

}  // namespace postseal::policy
