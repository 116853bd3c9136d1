// Fetches the policy of a domain from its policy host (RFC 8461 §3.2, §3.3; rule 19): 200 alone, text/plain,
// 64 KiB, a minute in all, by addresses that are public or allowed (rule 58). The text is not parsed here.
// On one core.
#pragma once

#include "base/result.hpp"
#include "discover/ask.hpp"
#include "discover/sts_finding.hpp"
#include "dns/mx_route.hpp"
#include "net/https_client.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace postseal::discover {

struct StsFetchSettings {
    std::uint16_t port = 443;
    std::vector<base::Network> allowed = {};       // of the special addresses (IpAddress::isSpecial)
    std::vector<dns::Endpoint> ourEndpoints = {};  // where our own listeners are reached
};

class StsFetcher {
public:
    static constexpr std::chrono::seconds longest{60};
    static constexpr std::size_t mostAddresses = 8;

    StsFetcher(Ask ask, std::shared_ptr<const StsFetchSettings> settings,
               std::shared_ptr<const tls::TrustStore> trust)
        : ask_(std::move(ask)), settings_(std::move(settings)), client_(std::move(trust)) {}

    /// The policy's text; the error's words begin with the URL that was asked.
    task::Awaitable<base::Result<std::string, StsFailure>> fetch(base::DomainName domain);

    void replace(std::shared_ptr<const StsFetchSettings> settings,
                 std::shared_ptr<const tls::TrustStore> trust);

private:
    task::Awaitable<base::Result<std::string, StsFailure>> fetchFrom(base::DomainName host);

    Ask ask_;
    std::shared_ptr<const StsFetchSettings> settings_;
    net::HttpsClient client_;
};

/// The addresses that may be connected to, IPv6 and IPv4 by turns; the error says why there is none.
base::Result<std::vector<net::Endpoint>, std::string>
policyHostAddresses(const dns::Answer& v4, const dns::Answer& v6, const StsFetchSettings& settings);

/// The answer's text, if it can be that of a policy.
base::Result<std::string, std::string> policyText(net::HttpsResponse response);

}  // namespace postseal::discover
