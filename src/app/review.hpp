// What an administrator should know of a configuration that holds all the same: our own certificates and
// names, and files that the server's account can't read. Told by `serve --check`, at start, after a reload,
// and once a day. Reads files; blocking, short.
#pragma once

#include "base/time.hpp"
#include "config/settings.hpp"
#include "policy/inbound_map.hpp"
#include "policy/map.hpp"

#include <string>
#include <vector>

namespace postseal::app {

/// Certificates that have expired, are about to, or name another host, and names of our own that no mail can
/// be brought to. `file` is the configuration's.
std::vector<std::string> review(const config::Settings& settings, const directory::Directory& directory,
                                const std::string& file, base::Timestamp now);
/// Demands that nothing can meet, since no CA is known. Empty: none.
std::string reviewMap(const config::Settings& settings, const policy::Map& map);
/// Rules for incoming mail that nobody can meet, or that speak of no mail; the first few.
std::vector<std::string> reviewInboundMap(const config::Settings& settings, const policy::InboundMap& map);

/// The files that the account which we are now can't read, so that no reload would take them; a line each.
std::vector<std::string> unreadable(const config::Settings& settings, const std::string& file);

}  // namespace postseal::app
