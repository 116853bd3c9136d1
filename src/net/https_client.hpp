// One GET over HTTPS, for what a domain publishes there (the policy of MTA-STS; rule 19). The server proves
// itself by PKIX: its chain verifies up to our trust store and a DNS name of its certificate (never the
// common name) is the host's. HTTP/1.1, no redirect, no cache, no compression, a bound on all octets of the
// answer (https_response) and one deadline for all. What the answer means (its status, its type) is the
// caller's to judge. One per core.
#pragma once

#include "base/domain_name.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "net/endpoint.hpp"
#include "net/https_response.hpp"
#include "task/awaitable.hpp"
#include "tls/client_contexts.hpp"
#include "tls/trust.hpp"
#include "tls/verify.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace postseal::net {

struct HttpsRequest {
    base::DomainName host;                 // of the URL: SNI, certificate and Host:
    std::string path;                      // from the first slash
    std::vector<Endpoint> addresses = {};  // of the host, in the order to be tried
    std::size_t mostBytes = 0;             // of the answer's body
    base::Tick deadline = {};
    base::Timestamp now = {};  // by which certificates are judged
};

/// What was tried and what came, for people.
struct HttpsFailure {
    enum class Kind { noAnswer, notProven };  // notProven: of the server's certificate
    Kind kind = Kind::noAnswer;
    std::string words;
};

class HttpsClient {
public:
    explicit HttpsClient(std::shared_ptr<const tls::TrustStore> trust) : verifier_(std::move(trust)) {}

    /// Any complete answer is one, whatever its status; the next address is tried only where no connection
    /// stood.
    task::Awaitable<base::Result<HttpsResponse, HttpsFailure>> get(HttpsRequest request);

    void replace(std::shared_ptr<const tls::TrustStore> trust) {
        verifier_ = tls::Verifier(std::move(trust));
    }

private:
    tls::ClientContexts contexts_;
    tls::Verifier verifier_;
};

}  // namespace postseal::net
