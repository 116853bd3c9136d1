// The server's side of one SMTP session as a machine without I/O (RFC 5321, 3207, 2920, 1870, 6152, 2034,
// 8314 §3): it is told what happened and says what to do next. The driver performs the action, tells its
// outcome by the event that the action names, and calls next(). Views in an action are the session's and hold
// until the next call of any non-const function. When the peer is gone the driver drops the session: nothing
// is left to do. Who may send what to whom is the driver's to decide. One thread at a time.
#pragma once

#include "base/domain_name.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "record/envelope.hpp"
#include "record/message_id.hpp"
#include "record/tls_facts.hpp"
#include "smtp/command.hpp"
#include "smtp/data.hpp"
#include "smtp/extensions.hpp"
#include "smtp/limits.hpp"
#include "smtp/reply.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace postseal::smtp {

namespace action {
struct Read {};  // then received(bytes)
struct Write {
    std::string_view bytes;
};  // then next() alone: all is written
struct StartTls {};  // then tlsStarted(facts); if it fails, close
struct DecideSender {
    record::Envelope soFar;
};  // then decided(...)
struct DecideRecipient {
    record::Mailbox address;
};  // then decided(...); the sender is in envelope()
struct Body {
    std::string_view bytes;
};  // unstuffed text, in order; then next() alone
struct Discard {};  // the Bodies since MAIL are void, no Store comes; then next()
struct Store {
    record::Envelope envelope;
};  // the Bodies are all: make it durable; then stored(...)
struct Close {};  // the end: nothing may be called any more
}  // namespace action
using ServerAction =
    std::variant<action::Read, action::Write, action::StartTls, action::DecideSender, action::DecideRecipient,
                 action::Body, action::Discard, action::Store, action::Close>;

/// `implicit`: the handshake comes before the greeting (RFC 8314 §3). `encrypt`: no MAIL without TLS.
enum class ListenerTls { none, may, encrypt, implicit };

struct ServerSettings {
    base::DomainName hostname;
    ListenerTls tls = ListenerTls::may;
    Limits limits = {};
    Deadlines deadlines = {};
};

/// Has the client spoken before the greeting? (RFC 5321 §4.3.1; it is answered 554 and closed.)
enum class EarlyInput { none, seen };

class ServerSession {
public:
    explicit ServerSession(std::shared_ptr<const ServerSettings> settings);

    ServerAction start(base::Tick now, EarlyInput early = EarlyInput::none);
    ServerAction next(base::Tick now);

    void received(std::string_view bytes);  // one or more octets; copied
    void tlsStarted(record::TlsFacts facts);
    void decided(base::Result<void, Reply> verdict);           // the error is the refusal to be sent
    void stored(base::Result<record::QueueId, Reply> result);  // then, and only then, comes the 250

    /// Until when the action under way may take; Tick::max() for the driver's own (decisions, Body, Store).
    base::Tick deadline() const { return deadline_; }
    /// Instead of the event awaited: the deadline has passed. 421 where the client can still hear it.
    void timedOut();
    /// Instead of the event awaited, or before start(): says `last` and closes (shutdown, too many sessions).
    void endWith(const Reply& last);

    const std::string& clientName() const { return clientName_; }  // of EHLO or HELO; empty before
    std::string_view protocol() const;                             // RFC 3848: SMTP, ESMTP, ESMTPS
    const std::optional<record::TlsFacts>& tls() const { return tls_; }
    const record::Envelope& envelope() const { return envelope_; }  // of the transaction under way
    const ServerSettings& settings() const { return *settings_; }
    /// The last reply queued, for the log; empty code before the first.
    const Reply& lastReply() const { return lastReply_; }

private:
    std::shared_ptr<const ServerSettings> settings_;
    base::Tick deadline_ = base::Tick::max();
    std::string clientName_;
    std::optional<record::TlsFacts> tls_;
    record::Envelope envelope_;
    Reply lastReply_;
};

}  // namespace postseal::smtp
