#include "receive/access.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <variant>

namespace postseal::receive {
namespace {

struct Decide {
    const record::Mailbox& recipient;
    Relaying relaying;

    using Decision = base::Result<std::string, smtp::Reply>;

    Decision operator()(const directory::Ours& ours) const { return toText(ours.nextHop); }
    Decision operator()(const directory::Foreign& foreign) const {
        if (relaying == Relaying::refused) return relayDenied();
        return toText(foreign.nextHop);
    }
    Decision operator()(const directory::Unknown&) const {
        return base::fail(smtp::Reply{
            550, "5.1.1", fmt::format("<{}>: Recipient address rejected: User unknown", recipient.toText())});
    }
    // For everyone, relay networks included: what stands behind us might take the local part for an address.
    Decision operator()(const directory::SenderRouted&) const { return relayDenied(); }

    Decision relayDenied() const {
        return base::fail(
            smtp::Reply{554, "5.7.1", fmt::format("<{}>: Relay access denied", recipient.toText())});
    }
};

}  // namespace

Relaying relayingFor(const base::IpAddress& client, const std::vector<base::Network>& relayNetworks) {
    const auto listed =
        std::ranges::any_of(relayNetworks, [&](const auto& network) { return network.contains(client); });
    return listed ? Relaying::allowed : Relaying::refused;
}

base::Result<std::string, smtp::Reply>
decideRecipient(const record::Mailbox& recipient, const directory::Directory& directory, Relaying relaying) {
    return std::visit(Decide{recipient, relaying}, directory.classify(recipient));
}

}  // namespace postseal::receive
