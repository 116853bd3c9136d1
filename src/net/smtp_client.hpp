// Plays an smtp::ClientSession on a connection: connects, performs what the machine asks for, and ends every
// wait at the machine's deadline. What one host did is told as values; whether another one is tried, or clear
// text, is the caller's to decide. TLS sessions are resumed and connections kept under an equal requirement
// only (rule 16): the dialer keys the former by it, who keeps a client for another message compares the
// latter. All of one core.
#pragma once

#include "base/result.hpp"
#include "net/connection.hpp"
#include "record/assurance.hpp"
#include "record/envelope.hpp"
#include "record/hop.hpp"
#include "record/requirement.hpp"
#include "smtp/client_session.hpp"
#include "tls/client_contexts.hpp"
#include "tls/session_cache.hpp"
#include "tls/verify.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace postseal::net {

struct DialTarget {
    std::string host;  // the MX host's or next hop's name; the address's text where it is only that
    SocketAddress at;
    record::Requirement requirement = {};
    smtp::Dialect dialect = smtp::Dialect::smtp;
};

struct SmtpDialerSettings {
    std::shared_ptr<const smtp::ClientSettings> client;
    std::chrono::seconds connectTimeout{30};
    std::size_t tlsSessions = 1000;                      // kept for resumption
    std::shared_ptr<const tls::Identity> identity = {};  // shown to hosts that ask; null: none is
};

/// Where the octets of a message come from, beside the header fields that the client is given.
struct BodySource {
    BodySource() = default;
    BodySource(const BodySource&) = delete;
    BodySource& operator=(const BodySource&) = delete;
    virtual ~BodySource() = default;
    /// The next octets, empty at the end. They stay until the next call.
    virtual Awaitable<base::Result<std::string_view>> next() = 0;
};

class SmtpClient;

/// What the connections of one core have in common. Outlives its clients.
class SmtpDialer {
public:
    SmtpDialer(SmtpDialerSettings settings, std::shared_ptr<const tls::TrustStore> trust);

    /// Never null. isReady(): transactions may follow. Else failure() says why not; that nobody could be
    /// reached is one too (temporary, 4.4.1).
    Awaitable<std::unique_ptr<SmtpClient>> dial(DialTarget target, smtp::TlsAttempt attempt);

    /// After a reload: for connections made from now on. Kept TLS sessions were judged by the old trust, and
    /// go.
    void replace(SmtpDialerSettings settings, std::shared_ptr<const tls::TrustStore> trust);

private:
    friend class SmtpClient;

    /// By DATA for a host that is known to refuse BDAT.
    std::shared_ptr<const smtp::ClientSettings> settingsFor(const DialTarget& target);
    void rememberNoBdat(const DialTarget& target);

    SmtpDialerSettings settings_;
    std::shared_ptr<const smtp::ClientSettings> byData_;  // null: not needed so far
    std::unordered_map<std::string, base::Tick> noBdat_;  // until when, by host and address; bounded
    tls::ClientContexts contexts_;
    tls::Verifier verifier_;
    tls::SessionCache sessions_;
    unsigned generation_ = 0;  // counts replace()
};

class SmtpClient {
public:
    SmtpClient(SmtpDialer& dialer, DialTarget target, smtp::TlsAttempt attempt, tls::KeyExchange keyExchange);
    /// Keeps the TLS session for the next connection, and closes.
    ~SmtpClient();
    SmtpClient(const SmtpClient&) = delete;
    SmtpClient& operator=(const SmtpClient&) = delete;

    bool isReady() const { return ready_; }
    /// The dialer's settings and trust have been replaced since: the peer was judged by what no longer holds.
    bool isOutdated() const { return generation_ != dialer_.generation_; }
    const std::optional<smtp::SessionFailure>& failure() const;

    /// Only when isReady(). Sends `prefix` and then the body to the recipients; outcomes() holds one for
    /// each, in their order, afterwards. The connection may be ready again, or have ended with a failure().
    /// `envelope.declaredBytes` is the size of both.
    Awaitable<void> transact(record::Envelope envelope, std::string prefix, BodySource& body);
    const std::vector<smtp::RecipientResult>& outcomes() const { return session_.outcomes(); }

    /// Says QUIT and waits for the answer, but not for long.
    Awaitable<void> quit();

    const record::Peer& peer() const { return peer_; }
    const DialTarget& target() const { return target_; }
    const smtp::Extensions& offered() const { return session_.offered(); }  // by its last EHLO reply
    /// None: nobody was reached, or the handshake failed.
    std::optional<record::Assurance> assurance() const;
    const std::optional<record::TlsFacts>& tls() const { return facts_; }
    std::string protocol() const { return std::string(session_.protocol()); }
    const std::string& tlsTrouble() const { return session_.tlsTrouble(); }
    bool isBdatUnknown() const { return session_.isBdatUnknown(); }

private:
    friend class SmtpDialer;

    Awaitable<void> open();
    Awaitable<void> play(smtp::ClientAction next);
    Awaitable<void> perform(smtp::client_action::Read action);
    Awaitable<void> perform(smtp::client_action::Peek action);
    Awaitable<void> perform(smtp::client_action::Write action);
    Awaitable<void> perform(smtp::client_action::StartTls action);
    Awaitable<void> perform(smtp::client_action::NeedBody action);
    Awaitable<void> perform(smtp::client_action::Ready action);
    Awaitable<void> perform(smtp::client_action::Close action);
    void takeWhatIsThere();
    void tell(const base::Error& error);
    void lose(std::string_view words);
    void arm();
    void keepTlsSession();
    /// The handshake ended without a word, and a hello without hybrid groups is another one (rule 46).
    bool wasBrokenOff() const;
    std::string tlsKey() const;

    SmtpDialer& dialer_;
    unsigned generation_;
    tls::KeyExchange keyExchange_;
    DialTarget target_;
    record::Peer peer_;
    smtp::ClientSession session_;
    std::optional<Connection> connection_;  // none: nobody was reached
    std::optional<smtp::SessionFailure> unreached_;
    tls::Verdict verdict_;
    std::optional<record::TlsFacts> facts_;
    bool handshakeFailed_ = false;
    bool brokenOff_ = false;  // by silence or an end, not by an alert
    bool ready_ = false;
    base::Tick latest_ = base::Tick::max();  // bounds the machine's own deadlines
    std::string prefix_;
    BodySource* body_ = nullptr;  // during transact()
};

}  // namespace postseal::net
