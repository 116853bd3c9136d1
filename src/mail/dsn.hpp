// The message that tells a sender what became of a message (a delivery status notification: RFC 3464 in a
// multipart/report of RFC 6522; RFC 3461 §6; RFC 6533 for addresses beyond ASCII): first in plain words what
// happened, whose matter it is and what to do; then the facts; then the part for machines; then the message,
// or its header. Its own sender is null (RFC 5321 §4.5.5); a report of a report can't be asked for, since
// there is no mailbox to send it to. Foreign text is escaped and bounded (rule 55). Pure.
#pragma once

#include "base/time.hpp"
#include "record/envelope.hpp"
#include "record/language.hpp"
#include "record/mailbox.hpp"
#include "record/message_id.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace postseal::mail {

/// A message up to this size returns as a whole where that was asked for (Postfix's bounce_size_limit).
inline constexpr std::size_t longestReturned = 50'000;

/// What the report says of a recipient. One report has either failures, or delays, or the last two.
enum class Action { failed, delayed, delivered, relayed };

struct DsnRecipient {
    std::string address;        // envelope recipient's text
    std::string original = {};  // ORCPT decoded, `rfc822;bob@example.org`; empty: none was told
    Action action = Action::failed;
    std::string status;       // 5.1.1, 4.4.1; RFC 3463
    std::string remote = {};  // the host that said it; empty: nobody was asked
    std::string reply = {};   // its words, `550 5.1.1 ...`; empty: it said none
    std::string reason = {};  // ours, for people: why it did not go through; one line
    /// In place of the advice by status: our own words, escaped, a paragraph a line.
    record::InLanguages<std::string> explanation = {};
    base::Timestamp time{};  // of the last attempt
    bool expired = false;    // tried until the time was over
};

/// What of the message is attached, and why no more than that.
enum class Attached {
    whole,
    header,           // as was asked, or as is usual
    headerOfGuarded,  // the message was to travel protected: its text goes back by no weaker way
    headerOfLarge,    // the whole was asked for
};

/// Views are the caller's; nothing is kept.
struct Dsn {
    std::string_view host;  // our name
    record::QueueId id;     // of the report itself
    record::QueueId about;  // of the message that it is about
    base::Timestamp now{};
    base::Timestamp arrival{};         // of the message that it is about
    base::Timestamp retryUntil{};      // where it is delayed
    std::string_view envelopeId = {};  // ENVID decoded; empty: none
    bool smtpUtf8 = false;             // the message came with SMTPUTF8, so its sender knows RFC 6533
    bool tlsOptional = false;  // the message came with TLS-Required: No, and so does the report (RFC 8689 §6)
    std::vector<record::Language> languages = {record::Language::english};  // in that order
    std::vector<DsnRecipient> recipients;                                   // at least one
    Attached attached = Attached::header;
    std::string_view original;  // the message; where only its header is attached, that is enough, and bounded
};

struct DsnText {
    std::string text;  // a whole message, CRLF at each line's end
    record::BodyType body = record::BodyType::sevenBit;
    bool smtpUtf8 = false;  // it must travel by SMTPUTF8
};

DsnText writeDsn(const Dsn& dsn, const record::Mailbox& to);

}  // namespace postseal::mail
