// The server's side of TLS: certificates, keys and settings as one immutable value that every core shares.
// TLS 1.2 and 1.3 unless the configuration lowers it (rule 57), X25519 first, one ticket a session by
// keys that change, no session cache. Client certificates are asked for without a list of CAs, verified, and
// never fail the handshake (rule 42). A session keeps alive what it needs: a reload drops its ServerContext
// without a thought.
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "record/requirement.hpp"
#include "tls/handles.hpp"
#include "tls/identity.hpp"
#include "tls/ticket_keys.hpp"
#include "tls/trust.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace postseal::tls {

/// Of one session's client. Who is asked gets no ticket: a resumed session would bear no chain to judge, or
/// the lack of a certificate that the client has by now.
enum class AskClient { asConfigured, always };

/// `require` asks like `request`; that a client without one is refused is said at MAIL, not in the handshake.
enum class ClientCertificates { no, request, require };

struct ServerTlsSettings {
    std::vector<CertificateFiles> certificates;  // the first answers where no name fits
    record::Protocol minProtocol = record::Protocol::tls12;
    bool tickets = true;
    std::chrono::seconds ticketKeyLife = std::chrono::hours(12);  // withNextTicketKey() so often
    ClientCertificates clientCertificates = ClientCertificates::no;
};

class ServerContext {
public:
    /// Certificates that share a name and differ in the kind of key (ECDSA beside RSA) serve together; others
    /// are chosen by SNI. A name that no certificate has gets the first: SNI is never insisted on (rule 13).
    /// `trust` judges client certificates. The error names the file and what is wrong with it.
    static base::Result<std::shared_ptr<const ServerContext>> make(const ServerTlsSettings& settings,
                                                                   const TrustStore& trust);

    /// A session that waits for a client's hello; null only when memory is out. Give it its descriptor or
    /// BIOs.
    Ssl newSession(base::Timestamp now, AskClient ask = AskClient::asConfigured) const;

    /// The same with the next key for tickets; those of the present one are still taken. No file is read.
    std::shared_ptr<const ServerContext> withNextTicketKey() const;

private:
    ServerContext(std::shared_ptr<SSL_CTX> context, bool asksClient, std::shared_ptr<const TicketKeys> keys)
        : context_(std::move(context)), asksClient_(asksClient), ticketKeys_(std::move(keys)) {}

    std::shared_ptr<SSL_CTX> context_;
    bool asksClient_;
    std::shared_ptr<const TicketKeys> ticketKeys_;
};

}  // namespace postseal::tls
