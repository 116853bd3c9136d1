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
#include <variant>

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

/// Has the client spoken before the greeting? It is answered 554 and closed (RFC 5321 §3.1).
enum class EarlyInput { none, seen };

class ServerSession {
public:
    explicit ServerSession(std::shared_ptr<const ServerSettings> settings)
        : settings_(std::move(settings)), decoder_(settings_->limits.textLine),
          lines_(settings_->limits.textLine) {}

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
    bool isChunking() const { return chunking_; }  // the text comes by BDAT
    const std::optional<record::TlsFacts>& tls() const { return tls_; }
    const record::Envelope& envelope() const { return envelope_; }  // of the transaction, until stored()
    const ServerSettings& settings() const { return *settings_; }
    std::string commandCounts() const { return commandCounts_.toText(); }
    /// What was said last, for the log.
    const Reply& lastReply() const { return lastReply_; }

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

    std::optional<ServerAction> advance(base::Tick now);
    ServerAction read(base::Tick now);
    ServerAction write(base::Tick now);
    std::chrono::nanoseconds patience() const;

    std::optional<ServerAction> takeCommand(base::Tick now);
    std::optional<std::string_view> takeLine();
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

    void beginText();
    std::optional<ServerAction> takeText(base::Tick now);
    std::string_view gatherText();
    std::optional<ServerAction> takeChunk(base::Tick now);
    std::optional<ServerAction> endOfChunk();
    std::optional<ServerAction> hand(std::string_view text);
    std::optional<ServerAction> endOfText();
    bool isFarTooLong(std::uint64_t more) const;
    std::optional<Reply> textFault() const;

    Parameters parameters() const { return helo_ == Helo::ehlo ? Parameters::taken : Parameters::refused; }
    void say(const Reply& reply);
    void repeat(const Reply& reply);
    void end(Reply last);
    void forgetTransaction();
    std::optional<ServerAction> takeBackTransaction();
    std::string_view unread() const { return std::string_view(input_).substr(taken_); }

    std::shared_ptr<const ServerSettings> settings_;
    base::Tick deadline_ = base::Tick::max();
    Phase phase_ = Phase::command;
    Helo helo_ = Helo::none;
    bool writing_ = false;  // output_ is with the driver
    bool reading_ = false;  // a Read is under way
    base::Tick readBegan_{};
    std::chrono::nanoseconds waited_{};      // for the client, since our last reply was written
    std::chrono::nanoseconds textWaited_{};  // the same since its text began
    bool skippingLine_ = false;              // the rest of a line that was too long

    std::string input_;
    std::size_t taken_ = 0;     // of input_
    std::size_t scanned_ = 0;   // of the unread: holds no end of a line
    std::size_t lastRead_ = 0;  // octets that came at once
    std::string output_;

    std::string clientName_;
    std::optional<record::TlsFacts> tls_;
    Reply lastReply_;
    CommandCounts commandCounts_;
    std::size_t commands_ = 0, errors_ = 0;  // since the last accepted message

    bool inTransaction_ = false;
    bool recipientsRefused_ = false;
    record::Envelope envelope_;
    std::optional<record::Recipient> candidate_;  // a recipient being decided

    DataDecoder decoder_;  // of DATA
    ChunkLines lines_;     // of BDAT
    std::uint64_t textBytes_ = 0;
    bool textEnded_ = false;            // the final dot is read, but not all before it is told
    bool dropping_ = false;             // the text will be refused: read to its end, told to nobody
    std::optional<Reply> textRefusal_;  // for another reason than its octets
    bool chunking_ = false;             // a BDAT has begun in this transaction
    bool faultTold_ = false;            // to one of its chunks: what is pipelined behind it is no new error
    std::uint64_t chunkLeft_ = 0;
    bool chunkIsLast_ = false;
};

}  // namespace postseal::smtp
