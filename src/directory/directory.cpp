#include "directory/directory.hpp"

#include "base/ascii.hpp"
#include "directory/expansion.hpp"

#include <algorithm>
#include <utility>

namespace postseal::directory {
namespace {

using Entry = Domains::value_type;

const Entry* findOurs(const Domains& domains, const record::MailDomain& domain) {
    const auto* const name = std::get_if<base::DomainName>(&domain);
    if (name == nullptr) return nullptr;
    const auto found = domains.find(*name);
    return found == domains.end() ? nullptr : &*found;
}

NextHop foreignHop(const Routes& routes, const record::MailDomain& domain) {
    const auto* const route = routes.find(domain);
    return route == nullptr ? record::nextHopOf(domain) : route->via;
}

Destination foreign(const Routes& routes, const record::Mailbox& mailbox) {
    const auto* const route = routes.find(mailbox.domain());
    if (route == nullptr) return Foreign{record::nextHopOf(mailbox.domain())};
    Foreign found{route->via, routes.isSmarthost(route) ? Foreign::By::smarthost : Foreign::By::route};
    if (!route->relayed) return found;
    if (route->relayed->contains(mailbox)) {
        found.from = Foreign::From::anyone;
        return found;
    }
    if (namesAnotherAddress(mailbox.local())) return SenderRouted{};
    return Unknown{};
}

/// Mail for an address of SRS goes to the sender that it stands for, who may have become ours meanwhile.
Destination returned(const Directory& directory, const record::Mailbox& sender, const base::DomainName& by,
                     base::Timestamp now) {
    if (findOurs(directory.domains, sender.domain()) != nullptr) return directory.resolve(sender, now);
    return Ours{{{sender, foreignHop(directory.routes, sender.domain()), by}}, true, true};
}

}  // namespace

void Expansion::add(Target target) {
    if (!addresses_.insert(directory_.keyOf(target.address)).second) return;
    if (targets_.size() == mostTargets)
        isUnbounded_ = true;
    else
        targets_.push_back(std::move(target));
}

void Expansion::follow(const record::Mailbox& mailbox, const base::DomainName* aliasOf) {
    if (isUnbounded_) return;
    const auto* const ours = findOurs(directory_.domains, mailbox.domain());
    if (ours == nullptr) {
        const auto by = aliasOf ? std::optional(*aliasOf) : std::nullopt;
        return add({mailbox, foreignHop(directory_.routes, mailbox.domain()), by});
    }
    const auto& [name, domain] = *ours;
    const auto match = domain.match(mailbox, name);
    if (!match && namesAnotherAddress(mailbox.local())) return;  // rule 52: not even for an alias
    if (!match || !match->alias) return add({mailbox, domain.transport(name)});

    const auto key = match->name + '@' + name.text();
    if (std::ranges::find(path_, key) != path_.end()) {
        if (match->isRecipient) add({mailbox, domain.transport(name)});
        return;
    }
    if (!followed_.insert(key).second) return;
    if (path_.size() == deepestAlias) {
        isUnbounded_ = true;
        return;
    }
    path_.push_back(key);
    for (const auto& target : match->alias->targets)
        follow(target, &name);
    path_.pop_back();
}

Destination Directory::resolve(const record::Mailbox& mailbox, base::Timestamp now) const {
    const auto* const ours = findOurs(domains, mailbox.domain());
    if (ours == nullptr) return foreign(routes, mailbox);

    const auto& [name, domain] = *ours;
    // Before the names: nobody has the name of an address that only we can make, but "any" would fit it.
    if (srs && domain.rewriting == Rewriting::srs)
        if (const auto sender = srs->reverse(mailbox.local(), now))
            return returned(*this, *sender, name, now);
    if (const auto match = domain.match(mailbox, name)) {
        if (!match->alias) return Ours{{{mailbox, domain.transport(name)}}};
        Expansion expansion(*this);
        expansion.follow(mailbox);
        if (expansion.isUnbounded()) return Unbounded{};
        if (expansion.targets().empty()) return Unknown{};
        return Ours{std::move(expansion.targets()), true};
    }
    if (namesAnotherAddress(mailbox.local())) return SenderRouted{};
    return Unknown{};
}

std::vector<Target> Directory::addressees(const record::Mailbox& mailbox, base::Timestamp now) const {
    auto destination = resolve(mailbox, now);
    if (auto* const found = std::get_if<Ours>(&destination)) return std::move(found->targets);
    const auto* const ours = findOurs(domains, mailbox.domain());
    if (ours != nullptr) return {{mailbox, ours->second.transport(ours->first)}};
    return {{mailbox, foreignHop(routes, mailbox.domain())}};
}

std::optional<record::Mailbox> Directory::sentAs(const record::ReversePath& sender, const Target& target,
                                                 base::Timestamp now) const {
    if (!sender || !target.forwardedBy || !srs) return std::nullopt;
    if (findOurs(domains, sender->domain()) != nullptr) return std::nullopt;  // SPF names us for our own
    const auto found = domains.find(*target.forwardedBy);
    if (found == domains.end() || found->second.rewriting == Rewriting::no) return std::nullopt;
    return srs->forward(*sender, *target.forwardedBy, now);
}

std::string Directory::keyOf(const record::Mailbox& mailbox) const {
    auto text = mailbox.toText();
    return findOurs(domains, mailbox.domain()) == nullptr ? text : base::toLower(text);
}

std::optional<Maildirs::Place> Directory::maildirOf(const record::Mailbox& mailbox) const {
    const auto* const ours = findOurs(domains, mailbox.domain());
    if (ours == nullptr) return std::nullopt;
    const auto& [name, domain] = *ours;
    const auto* const maildirs = std::get_if<Maildirs>(&domain.delivery);
    if (maildirs == nullptr) return std::nullopt;
    const auto match = domain.match(mailbox, name);
    if (!match || !match->isRecipient) return std::nullopt;
    return maildirs->place(match->name, name);
}

base::DomainName Directory::postmasterDomain(const base::DomainName& host) const {
    const base::DomainName* nearest = nullptr;
    for (const auto& [name, domain] : domains)
        if (host.isWithin(name) && (nearest == nullptr || name.isWithin(*nearest))) nearest = &name;
    if (nearest != nullptr) return *nearest;
    return domains.empty() ? host : domains.begin()->first;
}

}  // namespace postseal::directory
