// How a domain's MTA-STS policy is asked for (mta_sts_cache answers).
#pragma once

#include "policy/destination.hpp"
#include "task/awaitable.hpp"

#include <functional>
#include <string>

namespace postseal::discover {

using policy::StsFinding;

/// MtaStsCache::find or findAnew, from any core. What our own reports ask for is worth less.
using FindSts = std::function<task::Awaitable<StsFinding>(std::string domain, policy::MailKind kind)>;

}  // namespace postseal::discover
