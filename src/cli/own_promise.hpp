// Whether this server keeps what a list says of our own domain: that our name is among its mail hosts, and
// that one of our certificates proves it under the list's anchors.
#pragma once

#include "base/time.hpp"
#include "config/settings.hpp"
#include "policy/alliance.hpp"

#include <string>

namespace postseal::cli {

/// Why it is not kept, for people; empty: it is, as far as our own files tell.
std::string brokenPromise(const config::Settings& settings, const policy::AllianceMember& member,
                          base::Timestamp now);

}  // namespace postseal::cli
