#include "directory/domains.hpp"

#include "base/ascii.hpp"

#include <utility>

namespace postseal::directory {
namespace {

constexpr std::string_view postmaster = "postmaster";

/// Without the subaddress; empty: it has none.
std::string_view withoutSubaddress(std::string_view local, std::string_view separators) {
    const auto at = local.find_first_of(separators);
    return at == std::string_view::npos ? std::string_view() : local.substr(0, at);
}

struct TransportOf {
    const base::DomainName& domain;

    record::Transport operator()(const Relay& relay) const { return relay.nextHop; }
    record::Transport operator()(const record::Lmtp& lmtp) const { return lmtp; }
    record::Transport operator()(const Maildirs&) const { return record::Maildir{domain}; }
};

}  // namespace

std::optional<Domain::Match> Domain::match(const record::Mailbox& mailbox,
                                           const base::DomainName& domain) const {
    const auto* const maildirs = std::get_if<Maildirs>(&delivery);
    const auto hasPlace = [&](std::string_view name) { return !maildirs || maildirs->place(name, domain); };
    const auto local = base::toLower(mailbox.local());
    for (const auto name : {std::string_view(local), withoutSubaddress(local, separators)}) {
        if (name.empty()) continue;
        const auto* const alias = aliases.find(name);
        const bool isRecipient = (recipients.lists(name) || name == postmaster) && hasPlace(name);
        if (alias || isRecipient) return Match{std::string(name), alias, isRecipient};
    }
    if (recipients.contains(mailbox) && hasPlace(local)) return Match{local, nullptr, true};
    return std::nullopt;
}

record::Transport Domain::transport(const base::DomainName& domain) const {
    return std::visit(TransportOf{domain}, delivery);
}

}  // namespace postseal::directory
