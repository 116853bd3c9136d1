// Exceptions and memories as the `postseal policy` commands tell them, to people and as JSON. Pure: what the
// store gave, and the time, in, text out.
#pragma once

#include "discover/exceptions.hpp"
#include "discover/memory_store.hpp"
#include "policy/suggestion.hpp"

#include <string>
#include <vector>

namespace postseal::cli {

std::string forPeople(const std::vector<discover::KeptException>& exceptions, base::Timestamp now);
std::string toJson(const std::vector<discover::KeptException>& exceptions, base::Timestamp now);

std::string forPeople(const std::vector<discover::RememberedDomain>& domains,
                      const policy::MemorySettings& settings, base::Timestamp now);
std::string toJson(const std::vector<discover::RememberedDomain>& domains,
                   const policy::MemorySettings& settings);

struct SuggestedEntry {
    std::string domain;
    policy::Suggestion suggestion;
};
std::string forPeople(const std::vector<SuggestedEntry>& entries);
std::string toJson(const std::vector<SuggestedEntry>& entries);

}  // namespace postseal::cli
