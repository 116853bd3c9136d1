// The server's side of one SMTP session as a machine without I/O (RFC 5321, 3207, 2920, 1870, 6152, 2034,
// 3030, 3461, 6531, 8314 §3, 8689 §4.1): it is told what happened and says what to do next. The driver
// performs the action, tells its outcome by the event that the action names, and calls next(). Views in an
// action are the session's and hold until the next call of any non-const function. When the peer is gone the
// driver drops the session: nothing is left to do. Who may send what to whom is the driver's to decide. One
// thread at a time.
#pragma once

#include "base/domain_name.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "record/envelope.hpp"
#include "record/message_id.hpp"
#include "record/tls_facts.hpp"
#include "smtp/command.hpp"
#include "smtp/command_counts.hpp"
#include "smtp/data.hpp"
#include "smtp/limits.hpp"
#include "smtp/reply.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace postseal::smtp {

namespace action {
struct Read {};  // then received(bytes)
struct Write {   // then next() alone: all is written
    std::string_view bytes;
};
struct StartTls {};    // then tlsStarted(facts); where the handshake fails, close
struct DecideSender {  // then decided(...)
    record::Envelope soFar;
};
struct DecideRecipient {  // then decided(...); the sender is in envelope()
    record::Recipient recipient;
};
struct Body {  // unstuffed text, in order; then next() alone
    std::string_view bytes;
};
struct Discard {  // the Bodies of this transaction are void, and no Store comes for them; then next() alone
    // What the client will hear at the end of its text; envelope() still holds. None: it took its text back.
    std::optional<Reply> why = {};
};
struct Store {  // the Bodies of this transaction are the whole text: make it durable; then stored(...)
    record::Envelope envelope;
};
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
    std::optional<base::DomainName> postmasterDomain = {};  // of `<Postmaster>`; none: the hostname
    bool requireTls = true;  // REQUIRETLS (RFC 8689) is offered in TLS: its promise is kept further on
};

/// May this client order reports (RFC 3461)? Withheld: no DSN in the EHLO reply, and none of its parameters.
enum class Dsn { offered, withheld };

/// What the session refused by itself: a fault of grammar or order, a limit, TLS that is missing.
struct Refusal {
    std::string_view stage;  // as ServerSession::stage() was
    Reply reply;
};

/// What a client hears of a message that is durable, and what its record says.
Reply queuedAs(const record::QueueId& id);

/// Has the client spoken before the greeting? It is answered 554 and closed (RFC 5321 §3.1).
enum class EarlyInput { none, seen };

class ServerSession {
public:
    explicit ServerSession(std::shared_ptr<const ServerSettings> settings, Dsn dsn = Dsn::offered)
        : settings_(std::move(settings)), dsn_(dsn), text_(settings_->limits.textLine) {}

    ServerAction start(base::Tick now, EarlyInput early = EarlyInput::none);
    ServerAction next(base::Tick now);

    void received(std::string_view bytes);  // one or more octets; copied
    void tlsStarted(record::TlsFacts facts);
    void decided(base::Result<void, Reply> verdict);                  // the error is the refusal to be sent
    void stored(const base::Result<record::QueueId, Reply>& result);  // then, and only then, comes the 250
    /// On a Body: it can't be kept. The text is read to its end and answered so; no Store comes for it.
    void refuseText(Reply why);

    /// Until when the action under way may take; Tick::max() for the driver's own (decisions, Body, Store).
    base::Tick deadline() const { return deadline_; }
    /// Instead of the event that is awaited: its deadline has passed. 421 where the client can still hear it.
    void timedOut();
    /// Instead of the event that is awaited, or before start(): say `last` and close (shutdown, too many
    /// sessions).
    void endWith(const Reply& last);

    const std::string& clientName() const { return clientName_; }  // of EHLO or HELO; empty before
    /// RFC 3848: SMTP, ESMTP, ESMTPS; RFC 6531 §4.3 in a transaction that asks for it: UTF8SMTP, UTF8SMTPS.
    std::string_view protocol() const;
    const std::optional<record::TlsFacts>& tls() const { return tls_; }
    /// Of the transaction, until stored().
    const record::Envelope& envelope() const { return transaction_.envelope; }
    const ServerSettings& settings() const { return *settings_; }
    std::string commandCounts() const { return commandCounts_.toText(); }
    /// Where the client is, in Postfix's words for the log: CONNECT, a command, UNKNOWN, END-OF-MESSAGE.
    std::string_view stage() const { return stage_; }
    /// Since the last call, for the log; to be taken before each action.
    std::vector<Refusal> takeRefusals() { return std::exchange(refusals_, {}); }
    bool hasSaidGoodbye() const { return lastReply_.code == 221; }

private:
    enum class Phase {
        command,
        decideSender,
        decideRecipient,
        text,   // of a message, after the 354
        chunk,  // a part of it, after BDAT
        store,
        handshake,
        ending,  // what is in output_ is the last
    };
    enum class Helo { none, helo, ehlo };

    /// From MAIL to its end.
    struct Transaction {
        bool isOpen = false;  // its MAIL was accepted
        bool recipientsRefused = false;
        record::Envelope envelope;
        std::optional<record::Recipient> candidate;  // a recipient being decided
    };
    /// Of a transaction, by DATA or by BDAT.
    struct Text {
        explicit Text(std::size_t longestLine) : decoder(longestLine), lines(longestLine) {}

        DataDecoder decoder;  // of DATA
        ChunkLines lines;     // of BDAT
        std::uint64_t bytes = 0;
        std::chrono::nanoseconds waited{};  // for the client, since it began
        bool ended = false;                 // the final dot is read, but not all before it is told
        bool dropping = false;              // it will be refused: read to its end, told to nobody
        std::optional<Reply> refusal;       // for another reason than its octets
        bool chunking = false;              // a BDAT of this transaction began it
        bool faultTold = false;  // to one of its chunks: what is pipelined behind it is no new error
        std::uint64_t chunkLeft = 0;
        bool chunkIsLast = false;
    };

    std::optional<ServerAction> advance(base::Tick now);
    ServerAction read(base::Tick now);
    ServerAction write(base::Tick now);
    std::chrono::nanoseconds patience() const;

    std::optional<ServerAction> takeCommand(base::Tick now);
    std::optional<std::string_view> takeLine();
    void noteStage(std::string_view line);
    std::optional<ServerAction> perform(const Command& command);
    bool isTooSoon(Verb verb) const;
    bool isRequireTlsOffered() const { return settings_->requireTls && tls_; }
    std::optional<Reply> refusalOf(Verb verb) const;
    std::optional<ServerAction> greet(const Command& command);
    void startTls();
    std::optional<ServerAction> mail(std::string_view arguments);
    std::optional<ServerAction> rcpt(std::string_view arguments);
    void data();
    void bdat(std::string_view arguments, std::optional<Reply> refusal);

    std::optional<ServerAction> takeText(base::Tick now);
    std::string_view gatherText();
    std::optional<ServerAction> takeChunk(base::Tick now);
    std::optional<ServerAction> endOfChunk();
    std::optional<ServerAction> hand(std::string_view text);
    std::optional<ServerAction> endOfText();
    bool isFarTooLong(std::uint64_t more) const;
    std::optional<Reply> textFault() const;

    Parameters parameters() const;
    void say(const Reply& reply);
    void tell(const Reply& verdict);
    void repeat(const Reply& reply);
    void endRefusing(const Reply& last);
    void end(Reply last);
    void forgetTransaction();
    std::optional<ServerAction> takeBackTransaction();
    std::string_view unread() const { return std::string_view(input_).substr(taken_); }

    std::shared_ptr<const ServerSettings> settings_;
    Dsn dsn_;
    base::Tick deadline_ = base::Tick::max();
    Phase phase_ = Phase::command;
    Helo helo_ = Helo::none;
    bool writing_ = false;  // output_ is with the driver
    bool reading_ = false;  // a Read is under way
    base::Tick readBegan_{};
    std::chrono::nanoseconds waited_{};  // for the client, since our last reply was written
    bool skippingLine_ = false;          // the rest of a line that was too long

    std::string input_;
    std::size_t taken_ = 0;     // of input_
    std::size_t scanned_ = 0;   // of the unread: holds no end of a line
    std::size_t lastRead_ = 0;  // octets that came at once
    std::string output_;

    std::string clientName_;
    std::optional<record::TlsFacts> tls_;
    std::string_view stage_ = "CONNECT";
    std::vector<Refusal> refusals_;
    Reply lastReply_;
    CommandCounts commandCounts_;
    std::size_t commands_ = 0, errors_ = 0;  // since the last accepted message

    Transaction transaction_;
    Text text_;
};

}  // namespace postseal::smtp
