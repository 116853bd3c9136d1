#include "check/legs.hpp"

#include <algorithm>
#include <map>
#include <utility>
#include <variant>

namespace postseal::check {
namespace {

using base::fail;
using directory::Directory;
using Found = base::Result<Legs, std::string>;

/// Empty: the domain's mail goes by no smarthost.
std::string smarthostOf(const Directory& directory, const record::MailDomain& domain) {
    const auto* route = directory.routes.find(domain);
    return directory.routes.isSmarthost(route) ? hostText(route->via) : std::string();
}

Leg foreign(const Directory& directory, const record::MailDomain& domain) {
    const auto* route = directory.routes.find(domain);
    return {.domain = record::toText(domain),
            .transport = route != nullptr ? route->via : record::nextHopOf(domain),
            .smarthost = smarthostOf(directory, domain)};
}

bool isOurs(const Directory& directory, const record::MailDomain& domain) {
    const auto* name = std::get_if<base::DomainName>(&domain);
    return name != nullptr && directory.domains.contains(*name);
}

/// Legs, each once.
class Gathered {
public:
    explicit Gathered(const Directory& directory) : directory_(directory) {}

    void add(Leg leg) {
        const auto key = std::pair(leg.domain, leg.transport);
        const auto [at, isNew] = places_.try_emplace(key, legs_.size());
        if (isNew) return legs_.push_back(std::move(leg));
        auto& addresses = legs_[at->second].addresses;
        addresses.insert(addresses.end(), leg.addresses.begin(), leg.addresses.end());
    }

    void add(const directory::Ours& ours) {
        for (const auto& [address, transport, forwardedBy] : ours.targets) {
            Leg leg{.domain = record::toText(address.domain()), .transport = transport};
            if (!isOurs(directory_, address.domain()))
                leg.smarthost = smarthostOf(directory_, address.domain());
            if (ours.isExpanded) leg.addresses.push_back(address.toText());
            add(std::move(leg));
        }
    }

    std::vector<Leg> take() { return std::move(legs_); }

private:
    const Directory& directory_;
    std::vector<Leg> legs_;
    std::map<std::pair<std::string, record::Transport>, std::size_t> places_;
};

struct OfAddress {
    const Directory& directory;
    const record::Mailbox& mailbox;

    Found operator()(const directory::Ours& ours) const {
        Gathered gathered(directory);
        gathered.add(ours);
        return Legs{record::toText(mailbox.domain()), gathered.take()};
    }
    Found operator()(const directory::Foreign& /*by its domain's route*/) const {
        return Legs{record::toText(mailbox.domain()), {foreign(directory, mailbox.domain())}};
    }
    Found operator()(const directory::Unknown&) const {
        return fail(std::string("mail to this address is refused: nobody of ours has it"));
    }
    Found operator()(const directory::SenderRouted&) const {
        return fail(std::string("mail to this address is refused: its local part asks to relay elsewhere"));
    }
    Found operator()(const directory::Unbounded&) const {
        return fail(std::string("mail to this address is put off: its aliases lead to too many recipients"));
    }
};

Found ofDomain(const Directory& directory, const base::DomainName& name, base::Timestamp now) {
    const auto ours = directory.domains.find(name);
    if (ours == directory.domains.end()) return Legs{name.text(), {foreign(directory, name)}};
    const auto& domain = ours->second;
    Gathered gathered(directory);
    gathered.add(Leg{.domain = name.text(), .transport = domain.transport(name)});
    for (const auto& [local, alias] : domain.aliases.all()) {
        const auto mailbox = record::Mailbox::parse(local + '@' + name.text());
        if (!mailbox) continue;
        const auto resolved = directory.resolve(*mailbox, now);
        if (const auto* targets = std::get_if<directory::Ours>(&resolved)) gathered.add(*targets);
    }
    return Legs{name.text(), gathered.take()};
}

}  // namespace

Found legsOf(const Directory& directory, const std::string& asked, base::Timestamp now) {
    if (asked.find('@') != asked.npos) {
        const auto mailbox = record::Mailbox::parse(asked);
        if (!mailbox) return fail(mailbox.error());
        return std::visit(OfAddress{directory, *mailbox}, directory.resolve(*mailbox, now));
    }
    auto hop = record::NextHop::parse(asked);
    if (!hop) return fail(hop.error());
    const auto* name = std::get_if<base::DomainName>(&hop->host);
    const bool isPlain = name != nullptr && hop->lookup == record::NextHop::Lookup::mx && !hop->port;
    if (isPlain) return ofDomain(directory, *name, now);
    auto domain = hostText(*hop);
    return Legs{domain, {Leg{.domain = domain, .transport = std::move(*hop)}}};  // as a route would say it
}

}  // namespace postseal::check
