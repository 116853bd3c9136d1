// What an attempt to deliver one lease led to: an end for each recipient, and a hop record for each
// connection that was tried. Values; nothing is true of the queue before settle() has committed them.
#pragma once

#include "base/time.hpp"
#include "queue/spool.hpp"
#include "record/hop.hpp"
#include "record/language.hpp"
#include "record/status.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace postseal::deliver {

/// What is said of one that waits or returns.
struct Reason {
    record::Status dsn = {};                             // 4.4.1, 5.1.1
    std::optional<record::Status> dsnWhenReturned = {};  // told to the sender once we give up; none: dsn
    std::string words = {};                              // the peer's reply, or what we found
    record::InLanguages<std::string> forSender = {};     // where policy has something to explain
};

/// How far an attempt has come with a recipient (deliver/verdict).
enum class Standing {
    unasked,       // no host was asked
    unreached,     // nobody that was asked could be talked to
    putOff,        // a host that may take it did not, for now
    unfit,         // those that were reached can't take this message
    heldByPolicy,  // policy keeps it from a host
    decided,       // delivered, or refused for good
};

struct RecipientEnd {
    queue::LeasedRecipient recipient;
    record::HopResult result = record::HopResult::deferred;  // delivered, deferred or bounced
    Standing standing = Standing::unasked;
    Reason reason = {};                   // of a delivery: 2.0.0 and the reply
    std::optional<std::size_t> hop = {};  // of Outcome::hops, whose reason that is
    std::string remoteMta = {};           // who said so; empty: we did
    std::string relay = {"none"};         // for the log: mx.example.org[192.0.2.1]:25
    std::string wantedAndGot = {"-"};     // for the log: secure/authenticated
    /// Of a delivery, what it means to a sender who asked to be told of success (RFC 3461 §6.2.6): `final` is
    /// in the mailbox; `passedOn`, the peer does DSN and will tell; `relayed`, nobody will tell more.
    enum class Means { relayed, passedOn, final } means = Means::relayed;
};

/// What a report to the sender is about; a message of ours for each kind.
enum class DsnKind { failure, delay, success };

/// Where the time of an attempt went, as Postfix's delays=a/b/c/d.
struct Delays {
    std::chrono::microseconds connection{0};    // c: name lookup, connect, TLS
    std::chrono::microseconds transmission{0};  // d
    base::Timestamp begun{};                    // when the attempt began
};

/// How the destination fared as a whole, whatever this message's fate.
enum class Reached { yes, no };

struct Outcome {
    std::vector<RecipientEnd> recipients;
    std::vector<record::HopRecord> hops;
    Reached reached = Reached::yes;
    queue::Tried tried = queue::Tried::itself;
    Delays delays;
};
/// What became of others of the same lease, afterwards.
void append(Outcome& outcome, Outcome next);

}  // namespace postseal::deliver
