// The client's side of one SMTP or LMTP connection as a machine without I/O (RFC 5321, 3207, 2920, 1870,
// 6152, 2034, 2033, 3030, 3461, 6531, 8689): it is told what happened and says what to do next. The driver
// performs the action, tells its outcome by the event that the action names, and calls next(). Views in an
// action are the session's and hold until the next call of any non-const function. A connection serves any
// number of transactions, one after the other. What one host did is told as values; whether another host is
// tried is the caller's to decide. Nothing of an envelope leaves before the requirement is met. One thread at
// a time.
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "record/envelope.hpp"
#include "record/hop.hpp"
#include "record/requirement.hpp"
#include "record/status.hpp"
#include "smtp/data.hpp"
#include "smtp/extensions.hpp"
#include "smtp/peer_reply.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace postseal::smtp {

namespace client_action {
struct Read {};  // then received(bytes); lost() when the peer has closed
struct Peek {};  // take what is there already, without waiting: received(bytes), lost(), or nothing of it
struct Write {
    std::string_view bytes;
};  // then next() alone: all is written
struct StartTls {};  // with the requirement; then tlsStarted(verdict) or tlsFailed(words)
struct Ready {};  // outcomes() of the last transaction are final; then transact() or quit(), at once or later
struct NeedBody {};  // the message's next octets (our own header fields first); then body()
struct Close {};     // the end: failure() says why, none after quit(); outcomes() are final
}  // namespace client_action
using ClientAction =
    std::variant<client_action::Read, client_action::Peek, client_action::Write, client_action::StartTls,
                 client_action::Ready, client_action::NeedBody, client_action::Close>;

/// LMTP greets with LHLO and answers the text once for each accepted recipient (RFC 2033 §4.2).
enum class Dialect { smtp, lmtp };

/// RFC 5321 §4.5.3.2, seen from the client. Each reply has its time as a whole: slow octets don't extend it.
struct ClientDeadlines {
    std::chrono::seconds greeting{300};
    std::chrono::seconds command{300};    // replies to EHLO, STARTTLS, MAIL, RCPT, RSET; taking our commands
    std::chrono::seconds envelope{1800};  // all replies from MAIL to DATA together, however many recipients
    std::chrono::seconds handshake{60};   // TLS
    std::chrono::seconds dataInit{120};
    std::chrono::seconds dataBlock{180};
    std::uint64_t leastDataRate = 500;  // octets a second over the whole text, after the first dataBlock
    std::chrono::seconds dataEnd{600};
};

/// Text with 8-bit octets for a host without 8BITMIME (RFC 6152 §3). Sent as it is, as others do it: all
/// hosts of today take it, and to recode it would break signatures. Or refused with 5.6.3.
enum class EightBitText { send, refuse };

struct ClientSettings {
    std::string heloName;  // a domain name, or an address literal
    ClientDeadlines deadlines = {};
    EightBitText eightBit = EightBitText::send;
    bool chunking = true;  // BDAT where it is offered (RFC 3030)
};

/// `inClear`: TLS has failed on another connection to this host. Heeded only where the requirement permits
/// clear text (rule 45).
enum class TlsAttempt { first, inClear };

/// The judgement on a handshake (tls/verify's, in short).
struct TlsVerdict {
    bool met = false;
    std::string reason = {};  // why not, for people
    record::Why why = record::Why::none;
};

/// Why a session ended before its time. Recipients not yet decided are deferred with `status` and `words`.
struct SessionFailure {
    enum class Kind {
        temporary,   // refused for now, gone, or too slow
        permanent,   // 5xx to greeting and HELO: this host takes no mail; never said of clear text under a
                     // demand
        violation,   // of the protocol: what came is not believed (rule 50)
        tlsRefused,  // TLS is demanded, but not offered or refused: in clear, so anyone can have said it
                     // (rule 51)
        tlsFailed,   // the handshake failed, or nobody spoke behind it
        tlsUnmet,    // TLS stands, but the demand is not met
        stale,  // a reused connection had ended, or was full, before it took anything of this transaction
    };
    /// later: the peer has the whole text and may have taken it, so asking another one would double it.
    enum class Then { nextHost, sameHostInClear, sameHostAnew, later };
    Kind kind = Kind::temporary;
    Then then = Then::nextHost;
    base::Phase phase = base::Phase::none;
    record::Why why = record::Why::none;
    record::Status status = {};  // 4.4.2, 4.7.5; always of class 4, but for Kind::permanent
    std::string words = {};      // for people; the peer's words in it are escaped

    bool operator==(const SessionFailure&) const = default;
};

/// What became of one recipient.
struct RecipientResult {
    enum class Source { none, peer, ours };                  // none: not decided yet
    record::HopResult result = record::HopResult::deferred;  // delivered, deferred or bounced
    Source source = Source::none;                            // whose words
    record::Why why = record::Why::none;                     // not delivered
    record::Status status = {};                              // 2.1.5, 5.1.1
    std::string words = {};                                  // `550 5.1.1 No such user`, escaped

    bool operator==(const RecipientResult&) const = default;
};

enum class BodyPart { more, last };

class ClientSession {
public:
    ClientSession(std::shared_ptr<const ClientSettings> settings, const record::Requirement& requirement,
                  TlsAttempt attempt = TlsAttempt::first, Dialect dialect = Dialect::smtp);

    ClientAction start(base::Tick now);  // the connection stands
    ClientAction next(base::Tick now);

    void received(std::string_view bytes);  // copied
    void lost(std::string_view words);      // the connection has ended or failed
    void tlsStarted(const TlsVerdict& verdict);
    void tlsFailed(std::string_view words);
    /// Begins a transaction; the envelope has recipients. `declaredBytes` is the whole message with our own
    /// header fields. What the host can't take (SIZE, SMTPUTF8, REQUIRETLS, EightBitText::refuse) is bounced
    /// in words of ours without asking it: another host of the destination may take it.
    void transact(record::Envelope envelope);
    void body(std::string_view bytes, BodyPart part);  // copied
    void quit();

    /// Until when the action under way may take; Tick::max() for the driver's own and for Peek.
    base::Tick deadline() const { return deadline_; }
    /// Instead of the event awaited: the deadline has passed.
    void timedOut();
    /// Instead of any event: ends the session without a further word to the peer (shutdown, a body that can't
    /// be read). Nothing undecided counts as delivered.
    void abandon(std::string_view words);

    /// In the order of the envelope's recipients; final at Ready and Close.
    const std::vector<RecipientResult>& outcomes() const { return outcomes_; }
    const std::optional<SessionFailure>& failure() const { return failure_; }

    /// The peer has the whole text, and its word on it is not known yet.
    bool awaitsVerdict() const { return state_ == State::dataEnd || state_ == State::settling; }
    /// StartTls is what it does next, or is under way.
    bool isInHandshake() const { return state_ == State::handshake; }
    /// Why we speak in clear text on this connection, for people; empty: we don't, or never meant otherwise.
    const std::string& tlsTrouble() const { return tlsTrouble_; }
    /// It offers CHUNKING, and refused BDAT as a command: by DATA all may be well.
    bool isBdatUnknown() const { return bdatUnknown_; }
    std::string_view protocol() const;  // how we speak, in the words of RFC 3848: SMTP, ESMTP, ESMTPS, LMTPS
    Dialect dialect() const { return dialect_; }
    const Extensions& offered() const { return offered_; }      // by the last EHLO reply
    std::size_t transactions() const { return transactions_; }  // begun
    /// The peer's last reply, for the log; code 0 before the first.
    const PeerReply& lastReply() const { return lastReply_; }

private:
    /// What is to be said next, or whose reply is awaited.
    enum class State {
        greeting,
        hello,  // EHLO or LHLO
        helo,   // the peer knows no EHLO
        startTls,
        handshake,
        ready,
        envelope,
        body,
        interrupted,  // the peer refuses the text before its end: believed if it then ends the connection
        dataEnd,
        settling,  // the last reply is there; it is believed if nothing comes behind it
        quitting,
        closed,
    };
    enum class Step { rset, mail, rcpt, data };  // the commands of an envelope, in this order
    enum class Goodbye { quit, none };
    enum class Left { open, closed };  // the transaction before, as the peer sees it

    /// One transaction up to its text; begun anew by assignment.
    struct Transaction {
        record::Envelope envelope = {};
        base::Tick began{};
        std::size_t sent = 0, answered = 0;  // steps
        bool mailAccepted = false, dataAccepted = false;
        std::size_t accepted = 0;  // recipients
        bool usesChunks = false;   // BDAT in place of DATA
    };
    /// Its text.
    struct Text {
        base::Tick began{};
        DataEncoder encoder{};
        bool ended = false;
        std::uint64_t bytes = 0;                 // written so far
        std::size_t chunksDue = 0;               // replies to chunks before the last
        std::optional<PeerReply> refusal = {};   // before its end: the text has failed
        std::vector<PeerReply> endReplies = {};  // one, or with LMTP one for each accepted recipient
    };

    ClientAction read();
    ClientAction write();
    ClientAction write(std::string_view bytes);
    ClientAction say(std::string_view command);
    ClientAction speak();
    ClientAction speakEnvelope();
    ClientAction speakBody();
    ClientAction takeUnasked();

    void heard(const PeerReply& reply);
    void heardGreeting(const PeerReply& reply);
    void heardHello(const PeerReply& reply);
    void heardStartTls(const PeerReply& reply);
    void heardStep(const PeerReply& reply);
    void heardMail(const PeerReply& reply);
    void heardData(const PeerReply& reply);
    void heardChunk(const PeerReply& reply);
    void heardDataEnd(const PeerReply& reply);
    void heardInterruption(const PeerReply& reply);
    void refuseBdat(const PeerReply& reply);
    void endRefused();
    std::optional<PeerReply> refusalAtTheEnd();
    void endAmidText(const PeerReply& refusal);
    std::optional<PeerReply> farewell() const;

    bool takesRequireTls() const { return inTls_ && offered_.requireTls; }
    std::optional<RecipientResult> unfitFor(const record::Envelope& envelope) const;
    /// RSET stands before MAIL where the peer still has the transaction before.
    std::size_t stepOfMail() const { return left_ == Left::open ? 1 : 0; }
    std::size_t steps() const;
    Step stepAt(std::size_t index) const;
    void appendStep(std::size_t index);
    void appendMail();
    bool isGathered() const;
    bool mayGoOn() const;
    std::string_view chunk();
    std::chrono::seconds slowest() const;
    void decide(RecipientResult& outcome, const PeerReply& reply);
    void decideRest(const PeerReply& reply);
    void settle();
    void becomeReady(Left left);

    void fail(SessionFailure failure, Goodbye goodbye);
    void failUnasked(std::string_view what);
    void gone(std::string_view how, std::string_view words);
    void refuseTls(SessionFailure::Kind kind, record::Why why, std::string words);
    std::string awaited() const;
    base::Phase phase() const;

    std::shared_ptr<const ClientSettings> settings_;
    Dialect dialect_;
    bool mayClear_;
    bool wantsTls_;
    State state_ = State::greeting;
    bool inTls_ = false;
    std::string tlsTrouble_;
    Extensions offered_;
    bool extended_ = false;  // offered_ is what an EHLO reply said
    bool bdatUnknown_ = false;

    base::Tick now_{}, replyBegan_{};
    base::Tick deadline_ = base::Tick::max();

    PeerReplyReader reader_;
    std::string pending_;  // received, not read yet
    PeerReply lastReply_;
    std::size_t repliesDue_ = 1;
    bool peeked_ = false;  // since anything was read or written

    std::string out_;
    bool writing_ = false;  // out_ is with the driver

    Left left_ = Left::closed;  // open: RSET comes first
    Transaction transaction_;
    Text text_;
    std::size_t transactions_ = 0;
    std::vector<RecipientResult> outcomes_;
    std::optional<SessionFailure> failure_;
};

}  // namespace postseal::smtp
