// What is known of a domain's MTA-STS policy when a message asks (mta_sts_cache gives it).
#pragma once

#include "base/time.hpp"
#include "policy/mta_sts.hpp"
#include "task/awaitable.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace postseal::discover {

struct StsFinding {
    std::optional<policy::MtaStsPolicy> policy = {};  // that holds now, of whatever mode
    std::string id = {};
    base::Timestamp fetched{};  // the last time
    base::Timestamp expires{};
    std::string note = {};  // what failed at the last look, for people; also where an older policy holds
    std::chrono::seconds ttl{0};  // how long a decision that rests on it may be kept

    bool operator==(const StsFinding&) const = default;
};

/// MtaStsCache::find or findAnew, from any core.
using FindSts = std::function<task::Awaitable<StsFinding>(std::string domain)>;

}  // namespace postseal::discover
