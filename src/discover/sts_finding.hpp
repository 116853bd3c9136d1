// How a domain's MTA-STS policy is asked for (mta_sts_cache answers), and why it could not be had.
#pragma once

#include "policy/destination.hpp"
#include "task/awaitable.hpp"

#include <functional>
#include <string>

namespace postseal::discover {

using policy::StsFinding;

struct StsFailure {
    record::Why why = record::Why::stsFetch;
    std::string words;  // for people
};

/// MtaStsCache::find or findAnew, from any core. What our own reports ask for is worth less.
using FindSts = std::function<task::Awaitable<StsFinding>(std::string domain, policy::MailKind kind)>;

}  // namespace postseal::discover
