// An entry for the policy map that demands what a domain has proven for long (docs/memory.md). Pure; any
// thread.
#pragma once

#include "policy/memory.hpp"
#include "policy/mta_sts.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postseal::policy {

constexpr std::chrono::days suggestedAfter{30};

struct Suggestion {
    std::string entry;    // `example.org secure match=mx.example.org`
    std::string comment;  // where the knowledge comes from, and what the entry then means

    bool operator==(const Suggestion&) const = default;
};

/// None: not authenticated for so long, or less since, or by what only an entry gives (fingerprints).
/// `mxPatterns` are those of the MTA-STS policy that we know of it, if any.
std::optional<Suggestion> suggestion(std::string_view domain, const Memory& memory,
                                     const std::vector<MxPattern>& mxPatterns, base::Timestamp now);

}  // namespace postseal::policy
