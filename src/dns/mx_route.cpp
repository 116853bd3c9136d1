#include "dns/mx_route.hpp"

#include <algorithm>
#include <utility>

namespace postseal::dns {
namespace {

using base::DomainName;
using base::IpAddress;
using Kind = Failure::Kind;
using Lookup = record::NextHop::Lookup;

AddressFacts factsOf(const Answer& answer) {
    return {answer.status, answer.dnssec, answer.canonical};
}

}  // namespace

MxRoute::MxRoute(const record::NextHop& nextHop, const RouteSettings& settings, std::uint64_t seed)
    : settings_(settings), nextHop_(nextHop),
      random_(static_cast<std::minstd_rand::result_type>(seed ^ (seed >> 32))) {
    route_.port = nextHop.port.value_or(settings.port);
    if (const auto* address = std::get_if<IpAddress>(&nextHop_.host)) {
        route_.hosts.push_back({address->toText(), 0, {*address}});
        route_.ttl = std::chrono::hours(24);  // no record that could change
        if (isForbidden(*address))
            route_.hosts.back() = {
                address->toText(),
                0,
                {},
                Failure{Kind::temporary, "4.4.4",
                        address->toText() + " is no public address, and allow_addresses does not list it"}};
        conclude();
        return;
    }
    const auto& name = std::get<DomainName>(nextHop_.host);
    if (nextHop_.lookup == Lookup::mx) {
        questions_ = {{name, Type::mx}};
        return;
    }
    route_.hosts.push_back({name.text()});
    askAddresses();
}

void MxRoute::answered(const std::vector<Answer>& answers) {
    for (const auto& answer : answers) {
        route_.ttl = std::exchange(isFirstTtl_, false) ? answer.ttl : std::min(route_.ttl, answer.ttl);
    }
    if (std::exchange(questions_, {}).front().type == Type::mx)
        answeredMx(answers.front());
    else
        answeredAddresses(answers);
}

void MxRoute::answeredMx(const Answer& answer) {
    const auto& domain = std::get<DomainName>(nextHop_.host);
    route_.mx = answer.dnssec;
    route_.canonical = answer.canonical;
    switch (answer.status) {
    case Status::failed: return fail(Kind::temporary, "4.4.3", answer.why);
    case Status::noDomain:
        return fail(Kind::permanent, "5.1.2", "the domain " + domain.text() + " does not exist");
    case Status::noData:  // RFC 5321 §5.1: the domain is its own, implicit MX
        route_.hosts.push_back({domain.text()});
        return askAddresses();
    case Status::found: return takeMx(answer);
    }
}

void MxRoute::takeMx(const Answer& answer) {
    const auto& domain = std::get<DomainName>(nextHop_.host).text();
    std::vector<Mx> records;
    std::ranges::copy_if(answer.all<Mx>(), std::back_inserter(records),
                         [](const Mx& mx) { return mx.host.has_value(); });
    if (records.empty() && answer.unusable == 0)
        return fail(Kind::permanent, "5.1.10", "the domain " + domain + " takes no mail (null MX)");
    if (records.empty())
        return fail(Kind::permanent, "5.4.4", "the MX records of " + domain + " name no host");

    std::ranges::shuffle(records, random_);
    std::ranges::sort(records, {}, &Mx::preference);
    std::optional<RouteHost> last;  // of more than are looked up: the last place is the last backup's
    for (const auto& mx : records) {
        if (std::ranges::find(settings_.ourNames, *mx.host) != settings_.ourNames.end()) {
            if (last && last->preference == mx.preference) last.reset();
            dropFrom(mx.preference);
            break;
        }
        const bool isKnown =
            std::ranges::find(route_.hosts, mx.host->text(), &RouteHost::name) != route_.hosts.end();
        if (isKnown) continue;
        if (route_.hosts.size() < mostHosts)
            route_.hosts.push_back({mx.host->text(), mx.preference});
        else
            last = {mx.host->text(), mx.preference};
    }
    if (last) route_.hosts.back() = std::move(*last);
    if (!route_.failure) askAddresses();
}

void MxRoute::askAddresses() {
    for (const auto& host : route_.hosts) {
        const auto name = *DomainName::parse(host.name);
        questions_.push_back({name, Type::aaaa});
        questions_.push_back({name, Type::a});
    }
}

void MxRoute::answeredAddresses(const std::vector<Answer>& answers) {
    std::optional<std::uint16_t> ours;
    for (std::size_t i = 0; i < route_.hosts.size(); ++i) {
        auto& host = route_.hosts[i];
        settleHost(host, answers[2 * i + 1], answers[2 * i]);
        if (nextHop_.lookup == Lookup::mx &&
            std::ranges::any_of(host.addresses, [&](const auto& a) { return isOurs(a); }))
            ours = std::min(ours.value_or(host.preference), host.preference);
        std::erase_if(host.addresses, [&](const auto& a) { return isForbidden(a); });
        if (host.addresses.empty() && !host.failure)
            host.failure = Failure{Kind::temporary, "4.4.4",
                                   "the addresses of " + host.name +
                                       " are not public, and allow_addresses does not list them"};
        if (host.addresses.size() > mostAddresses) host.addresses.resize(mostAddresses);
    }
    if (ours) dropFrom(*ours);
    conclude();
}

// One answered family is enough; but where nothing was found, an error in either means that nothing is known.
void MxRoute::settleHost(RouteHost& host, const Answer& v4, const Answer& v6) {
    host.addresses = ordered(v4, v6);
    host.v4 = factsOf(v4);
    host.v6 = factsOf(v6);
    if (!host.addresses.empty()) return;
    for (const auto* answer : {&v6, &v4})
        if (answer->status == Status::failed) {
            host.failure = Failure{Kind::temporary, "4.4.3", answer->why};
            return;
        }
    host.failure = Failure{Kind::permanent, "5.4.4", "the host " + host.name + " has no address"};
}

/// Both families by turns, IPv6 first, each shuffled.
std::vector<IpAddress> MxRoute::ordered(const Answer& v4, const Answer& v6) {
    std::vector<IpAddress> four(v4.all<IpAddress>().begin(), v4.all<IpAddress>().end());
    std::vector<IpAddress> six(v6.all<IpAddress>().begin(), v6.all<IpAddress>().end());
    std::ranges::shuffle(four, random_);
    std::ranges::shuffle(six, random_);
    std::vector<IpAddress> both;
    for (std::size_t i = 0; i < std::max(four.size(), six.size()); ++i) {
        if (i < six.size()) both.push_back(six[i]);
        if (i < four.size()) both.push_back(four[i]);
    }
    return both;
}

/// RFC 5321 §5.1: we are the host of this preference; mail goes only to better ones, or it would loop.
void MxRoute::dropFrom(std::uint16_t preference) {
    std::erase_if(route_.hosts, [=](const RouteHost& host) { return host.preference >= preference; });
    if (route_.hosts.empty())
        fail(Kind::permanent, "5.4.6",
             "mail for " + record::hostText(nextHop_) +
                 " comes back to ourselves: this server is its best MX host, but the domain is none of "
                 "our own: a [[domain]] or a [[route]] for it is missing");
}

void MxRoute::fail(Failure::Kind kind, std::string status, std::string words) {
    route_.failure = Failure{kind, std::move(status), std::move(words)};
}

/// No host can be reached: temporarily where one of them might be.
void MxRoute::conclude() {
    if (route_.failure) return;
    for (const auto& host : route_.hosts) {
        if (!host.failure) {
            route_.failure.reset();
            return;
        }
        if (!route_.failure ||
            (route_.failure->kind == Kind::permanent && host.failure->kind == Kind::temporary))
            route_.failure = host.failure;
    }
}

bool MxRoute::isOurs(const IpAddress& address) const {
    return std::ranges::find(settings_.ourEndpoints, Endpoint{address, route_.port}) !=
           settings_.ourEndpoints.end();
}

/// Rule 58. What the administrator wrote as [host] or [address]:port is no stranger's word and may be
/// anywhere; [address] alone can come from a recipient's address.
bool MxRoute::isForbidden(const IpAddress& address) const {
    const bool isRecipients = std::holds_alternative<IpAddress>(nextHop_.host) && !nextHop_.port;
    if (nextHop_.lookup == Lookup::address && !isRecipients) return false;
    if (isOurs(address)) return true;
    return address.isSpecial() && std::ranges::none_of(settings_.allowed, [&](const auto& network) {
               return network.contains(address);
           });
}

}  // namespace postseal::dns
