// The message that tells a sender what could not be delivered (RFC 3464, multipart/report of RFC 6522): first
// in plain words what happened, whose matter it is and what to do; then the facts; then the part for
// machines; then the header of the message, never its body. Its own sender is null (RFC 5321 §4.5.5); a
// bounce of a bounce can't be asked for, since there is no mailbox to send it to. Foreign text is escaped and
// bounded (rule 55). Pure.
#pragma once

#include "base/time.hpp"
#include "record/envelope.hpp"
#include "record/mailbox.hpp"
#include "record/message_id.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace postseal::mail {

struct FailedRecipient {
    std::string address;  // envelope recipient's text
    std::string status;   // 5.1.1, 4.4.1; RFC 3463
    std::string remote;   // the host that said it; empty: nobody was asked
    std::string reply;    // its words, `550 5.1.1 ...`; empty: it said none
    std::string reason;   // ours, for people: why it did not go through; one line
    /// Paragraphs in place of the advice by status: our own words, escaped, lines of 76 characters parted by
    /// LF, an empty line between paragraphs. Empty: advice by status.
    std::string explanation = {};
    base::Timestamp lastAttempt{};
    bool expired = false;  // tried until the time was over
};

/// What became undeliverable. Views are the caller's; nothing is kept.
struct Bounce {
    std::string_view host;  // our name
    record::QueueId id;     // of the bounce itself
    record::QueueId about;  // of the message that it is about
    base::Timestamp now{};
    base::Timestamp arrival{};  // of the message that it is about
    std::vector<FailedRecipient> failed;
    std::string_view originalHeader;  // may be the whole message: only its header is quoted, bounded
};

struct BounceText {
    std::string text;  // a whole message, CRLF at each line's end
    record::BodyType body = record::BodyType::sevenBit;
};

BounceText writeBounce(const Bounce& bounce, const record::Mailbox& to);

}  // namespace postseal::mail
