#include "directory/directory.hpp"

namespace postseal::directory {
namespace {

const NextHop& nextHopBy(const Delivery& delivery) {
    return std::get<Relay>(delivery).nextHop;
}

const Domain* findDomain(const Domains& domains, const record::MailDomain& domain) {
    const auto* const name = std::get_if<base::DomainName>(&domain);
    if (name == nullptr) return nullptr;
    const auto found = domains.find(*name);
    return found == domains.end() ? nullptr : &found->second;
}

Foreign foreign(const Routes& routes, const record::MailDomain& domain) {
    const auto* const route = routes.find(domain);
    if (route == nullptr) return {record::nextHopOf(domain), Foreign::By::mx};
    return {*route, routes.isSmarthost(route) ? Foreign::By::smarthost : Foreign::By::route};
}

}  // namespace

Destination Directory::classify(const record::Mailbox& mailbox) const {
    const auto* const ours = findDomain(domains, mailbox.domain());
    if (ours == nullptr) return foreign(routes, mailbox.domain());
    if (ours->recipients.contains(mailbox)) return Ours{nextHopBy(ours->delivery)};
    if (namesAnotherAddress(mailbox.local())) return SenderRouted{};
    return Unknown{};
}

NextHop Directory::nextHop(const record::MailDomain& domain) const {
    if (const auto* const ours = findDomain(domains, domain)) return nextHopBy(ours->delivery);
    return foreign(routes, domain).nextHop;
}

base::DomainName Directory::postmasterDomain(const base::DomainName& host) const {
    const base::DomainName* nearest = nullptr;
    for (const auto& [name, domain] : domains)
        if (host.isWithin(name) && (nearest == nullptr || name.isWithin(*nearest))) nearest = &name;
    if (nearest != nullptr) return *nearest;
    return domains.empty() ? host : domains.begin()->first;
}

}  // namespace postseal::directory
