// Accepted mail in the store: what is appended to a batch when a message is put, delivered, deferred,
// returned or taken out. One row per message and per (message, recipient); a recipient's row goes when its
// fate is settled, the message's with its last one. The counters of `queue balance` change in the same
// transaction. Functions only describe writes: nothing is true before the batch is committed. Any thread.
#pragma once

#include "base/time.hpp"
#include "queue/body.hpp"
#include "queue/reason.hpp"
#include "record/envelope.hpp"
#include "record/message_id.hpp"
#include "record/route.hpp"
#include "store/batch.hpp"
#include "store/migrations.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace postseal::queue {

extern const store::Schema schema;

struct NewRecipient {
    record::Mailbox address;
    record::Route route;
    record::Notify notify = {};
    std::string original = {};                   // ORCPT, decoded
    std::optional<record::Mailbox> sentAs = {};  // in MAIL FROM, in place of the message's sender (SRS)
};

/// What is kept of a message, and all that a delivery needs of it; shared by the leases of its next hops.
struct Message {
    record::QueueId id;
    record::ReversePath sender;
    record::BodyType bodyType = record::BodyType::sevenBit;
    std::string messageId;
    base::Timestamp arrived{};
    std::string prefix;  // our own header fields, before the body
    Body body;
    bool smtpUtf8 = false;  // RFC 6531: asked for by who sent it
    record::Returned returned = record::Returned::unasked;
    std::string envelopeId = {};  // ENVID, decoded
    record::TlsDemand tls = record::TlsDemand::none;

    std::uint64_t sizeBytes() const { return prefix.size() + body.sizeBytes(); }
};

struct NewMessage {
    Message kept;
    std::vector<NewRecipient> recipients;  // after alias expansion; at least one
};

struct LeasedRecipient {
    std::int64_t number = 0;  // within the message
    record::Mailbox address;
    int attempts = 0;  // failed ones before this
    record::Notify notify = {};
    std::string original = {};
    bool toldDelay = false;  // the sender knows that it waits
};

/// All due recipients of one message with one next hop and one reverse-path, ours until each is settled or
/// deferred. Void after a restart.
struct Lease {
    std::shared_ptr<const Message> message;
    record::Route route;
    std::vector<LeasedRecipient> recipients = {};
    std::optional<record::Mailbox> sentAs = {};

    const record::ReversePath& reversePath() const { return sentAs ? sentAs : message->sender; }
};

/// A Notify as its column holds it, and back.
std::int64_t toInteger(const record::Notify& notify);
record::Notify notifyOf(std::int64_t integer);

/// The rows of a new message, inserted already claimed. Deliver the leases once the batch is committed.
/// One lease per next hop, in the order of the recipients.
[[nodiscard]] std::vector<Lease> put(store::Batch& batch, const NewMessage& message);

/// How a recipient's row ends. Each end is counted; records of it are the ledger's.
enum class End { delivered, returned, deleted, discarded };

/// Takes recipients of a lease out of the queue, and the message with its last one. The step's change is 1
/// when the message itself is gone (log line `removed`). A batch that settles someone who is no longer in the
/// queue fails with Errc::conflict.
store::Batch::Step settle(store::Batch& batch, const Lease& lease,
                          std::span<const LeasedRecipient> recipients, End end);

/// What an attempt met, or another one's in its place.
struct Trouble {
    std::string reason;
    Tried tried = Tried::itself;
};
/// Recipients of one lease wait until `nextAttempt`; their attempts count one more. The lease ends for them.
void defer(store::Batch& batch, const Lease& lease, std::span<const LeasedRecipient> recipients,
           const Trouble& trouble, base::Timestamp nextAttempt);

/// Of a report that can't be delivered: nobody would hear of it if it went, so it is held for the
/// administrator (queue/kept). The lease ends for them.
void keep(store::Batch& batch, const Lease& lease, std::span<const LeasedRecipient> recipients,
          const Trouble& trouble, base::Timestamp now);

/// The sender is told in the same batch that these wait, and not again.
void tellDelay(store::Batch& batch, const Lease& lease, std::span<const LeasedRecipient> recipients);

/// Gives a lease back untried, due when it was due, or at `until` where that is later. No attempt is counted.
void release(store::Batch& batch, const Lease& lease, base::Timestamp until);

/// The destination is dead: at most `limit` of its recipients that are due and unclaimed wait as if each had
/// been tried. Two kinds stay due, for leaseDue to take them: those of messages that arrived before
/// `arrivedAfter`, since they may have to be returned (Wanted::arrivedBefore), and those of messages that
/// arrived before `tellBefore` whose sender is to be told of the delay, once they failed `tellAttempts`
/// times, this one included (Wanted::untold). The step's change tells how many were put off; repeat while it
/// is `limit`.
struct DeadDestination {
    std::string nextHop;
    base::Timestamp now{};
    base::Timestamp arrivedAfter{};  // now - RetrySettings::giveUp
    base::Timestamp nextAttempt{};
    std::string reason;
    int limit = 1000;
    std::optional<base::Timestamp> tellBefore = {};  // none: nobody is told
    int tellAttempts = 1;                            // leastAttempts(RetrySettings::warn)
};
store::Batch::Step defer(store::Batch& batch, const DeadDestination& dead);

/// What hindered a destination may be gone (another policy, another route): at most `limit` of those who wait
/// for it are due now. The step's change tells how many; repeat while it is `limit`.
store::Batch::Step bringForward(store::Batch& batch, const std::string& nextHop, base::Timestamp now,
                                int limit);

}  // namespace postseal::queue
