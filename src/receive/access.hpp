// Who may send to whom: mail for our domains, and for those that we are a backup MX of, is taken from anyone,
// everything else only from the networks that may relay, a list that is empty by default. Never an open
// relay. Pure; any thread.
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "directory/directory.hpp"
#include "queue/spool.hpp"
#include "receive/gate.hpp"
#include "record/envelope.hpp"
#include "smtp/reply.hpp"

#include <cstddef>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

namespace postseal::receive {

/// Of one message, with all who stand behind its aliases; the client may send the others in another one.
inline constexpr std::size_t mostRecipients = 10'000;

struct Sender {
    const record::ReversePath& address;
    Submitter submitter;
    SrsFrom srsFrom = SrsFrom::reports;
};

/// Whom the message goes to and how, or the refusal to be said at RCPT (rule 60). The caller's sender
/// outlives the call.
Addressees decideRecipient(const record::Recipient& recipient, const directory::Directory& directory,
                           Sender sender, base::Timestamp now);

/// The recipients of one message. Two spellings and two aliases may lead to one mailbox, which gets it once,
/// with what was asked for the first of them.
class Addressed {
public:
    /// The refusal: they would be too many, and none is added.
    base::Result<void, smtp::Reply> add(std::vector<queue::NewRecipient> more,
                                        const directory::Directory& directory);
    std::vector<queue::NewRecipient> take() { return std::move(all_); }

private:
    std::vector<queue::NewRecipient> all_;
    std::unordered_set<std::string> known_;
};

}  // namespace postseal::receive
