#include "receive/access.hpp"

#include <fmt/core.h>

#include <algorithm>
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

    using Decision = base::Result<std::vector<queue::NewRecipient>, Reply>;

    Decision operator()(const directory::Ours& ours) const {
        // Reports name whom the sender wrote to (RFC 3461 §5.2.7.1: the ORCPT is kept, or made).
        auto original = recipient.original;
        if (original.empty() && ours.isExpanded) original = "rfc822;" + recipient.mailbox.toText();
        std::vector<queue::NewRecipient> recipients;
        recipients.reserve(ours.targets.size());
        for (const auto& target : ours.targets)
            recipients.push_back({target.address, toText(target.transport), recipient.notify, original,
                                  directory.sentAs(sender.address, target, now)});
        return recipients;
    }
    Decision operator()(const directory::Foreign& foreign) const {
        const bool isForAll = foreign.from == directory::Foreign::From::anyone;
        if (!isForAll && sender.relaying == Relaying::refused) return relayDenied();
        return std::vector<queue::NewRecipient>{
            {recipient.mailbox, toText(foreign.nextHop), recipient.notify, recipient.original}};
    }
    Decision operator()(const directory::Unknown&) const {
        return refused(550, "5.1.1", "Recipient address rejected: User unknown");
    }
    // For everyone, relay networks included: what stands behind us might take the local part for an address.
    Decision operator()(const directory::SenderRouted&) const { return relayDenied(); }
    Decision operator()(const directory::Unbounded&) const {
        return refused(451, "4.2.4", "Alias leads to too many recipients, try again later");
    }

    Decision relayDenied() const { return refused(554, "5.7.1", "Relay access denied"); }
    Decision refused(int code, std::string_view status, std::string_view words) const {
        return fail(
            Reply{code, std::string(status), fmt::format("<{}>: {}", recipient.mailbox.toText(), words)});
    }
};

}  // namespace

Relaying relayingFor(const base::IpAddress& client, const std::vector<base::Network>& relayNetworks) {
    const auto listed =
        std::ranges::any_of(relayNetworks, [&](const auto& network) { return network.contains(client); });
    return listed ? Relaying::allowed : Relaying::refused;
}

base::Result<std::vector<queue::NewRecipient>, Reply> decideRecipient(const record::Recipient& recipient,
                                                                      const directory::Directory& directory,
                                                                      Sender sender, base::Timestamp now) {
    return std::visit(Decide{recipient, directory, sender, now}, directory.resolve(recipient.mailbox, now));
}

base::Result<void, Reply> Addressed::add(std::vector<queue::NewRecipient> more) {
    if (all_.size() + more.size() > mostRecipients)
        return fail(Reply{452, "4.5.3", "Error: too many recipients behind the aliases"});
    for (auto& one : more)
        if (known_.insert(one.nextHop + ' ' + one.address.toText()).second) all_.push_back(std::move(one));
    return {};
}

}  // namespace postseal::receive
