// Fetches the list of an alliance from where it is published: one GET over HTTPS, by addresses that are
// public or allowed (rule 58). What the answer is worth its signature tells (discover/alliance_list). On one
// core.
#pragma once

#include "base/result.hpp"
#include "discover/ask.hpp"
#include "discover/mta_sts_fetch.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace postseal::discover {

/// `https://lists.example.org/post.json`, with or without a port.
struct AllianceUrl {
    base::DomainName host;
    std::uint16_t port = 443;
    std::string path;

    /// None: it is no such URL.
    static std::optional<AllianceUrl> parse(std::string_view text);
};

/// `settings.port` is not looked at. The error begins with the URL.
task::Awaitable<base::Result<std::string, std::string>>
fetchAlliance(Ask ask, std::shared_ptr<const StsFetchSettings> settings,
              std::shared_ptr<const tls::TrustStore> trust, std::string url);

}  // namespace postseal::discover
