#include "receive/access.hpp"

#include <fmt/core.h>

#include <utility>
#include <variant>

namespace postseal::receive {
namespace {

using base::fail;
using smtp::Reply;

struct Decide {
    const record::Recipient& recipient;
    const directory::Directory& directory;
    Sender sender;
    base::Timestamp now;

    Addressees operator()(const directory::Ours& ours) const {
        // Else whoever got one forwarded message could send to its author through us, and SPF would pass.
        if (ours.isSrs && sender.address && sender.submitter == Submitter::stranger &&
            sender.srsFrom == SrsFrom::reports)
            return refused(550, "5.7.1", "This address takes reports of failed delivery alone");
        // Reports name whom the sender wrote to (RFC 3461 §5.2.7.1: the ORCPT is kept, or made).
        auto original = recipient.original;
        if (original.empty() && ours.isExpanded) original = "rfc822;" + recipient.mailbox.toText();
        std::vector<queue::NewRecipient> recipients;
        recipients.reserve(ours.targets.size());
        for (const auto& target : ours.targets)
            recipients.push_back({target.address, record::Route(target.transport), recipient.notify, original,
                                  directory.sentAs(sender.address, target, now)});
        return recipients;
    }
    Addressees operator()(const directory::Foreign& foreign) const {
        const bool isForAll = foreign.from == directory::Foreign::From::anyone;
        if (!isForAll && sender.submitter == Submitter::stranger) return relayDenied();
        return std::vector<queue::NewRecipient>{
            {recipient.mailbox, record::Route(foreign.nextHop), recipient.notify, recipient.original}};
    }
    Addressees operator()(const directory::Unknown&) const {
        return refused(550, "5.1.1", "Recipient address rejected: User unknown");
    }
    // For everyone, relay networks included: what stands behind us might take the local part for an address.
    Addressees operator()(const directory::SenderRouted&) const { return relayDenied(); }
    Addressees operator()(const directory::Unbounded&) const {
        return refused(451, "4.2.4", "Alias leads to too many recipients, try again later");
    }

    Addressees relayDenied() const { return refused(554, "5.7.1", "Relay access denied"); }
    Addressees refused(int code, std::string_view status, std::string_view words) const {
        return fail(
            Reply{code, std::string(status), fmt::format("<{}>: {}", recipient.mailbox.toText(), words)});
    }
};

}  // namespace

Addressees decideRecipient(const record::Recipient& recipient, const directory::Directory& directory,
                           Sender sender, base::Timestamp now) {
    return std::visit(Decide{recipient, directory, sender, now}, directory.resolve(recipient.mailbox, now));
}

base::Result<void, Reply> Addressed::add(std::vector<queue::NewRecipient> more,
                                         const directory::Directory& directory) {
    if (all_.size() + more.size() > mostRecipients)
        return fail(Reply{452, "4.5.3", "Error: too many recipients behind the aliases"});
    for (auto& one : more)
        if (known_.insert(one.route.text() + ' ' + directory.keyOf(one.address)).second)
            all_.push_back(std::move(one));
    return {};
}

}  // namespace postseal::receive
