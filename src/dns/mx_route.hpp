// From a next hop to the hosts that take its mail, in the order in which they are tried (RFC 5321 §5.1, RFC
// 7505), as a machine from answers to more questions. MX hosts by preference, equal ones shuffled; the
// domain itself where it has no MX records, and only then: never after a lookup that failed. Hosts that are
// ourselves, and all behind them, are left out. Numbers of hosts and addresses are bounded. Security never
// changes the order (rule 14). Pure: randomness is a seed.
#pragma once

#include "base/ip_address.hpp"
#include "dns/answer.hpp"
#include "record/hop.hpp"
#include "record/next_hop.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace postseal::dns {

struct Failure {
    enum class Kind { temporary, permanent };
    Kind kind = Kind::temporary;
    std::string status = {};  // 4.4.3, 5.1.2
    std::string words = {};   // for people

    bool isTemporary() const { return kind == Kind::temporary; }
    bool operator==(const Failure&) const = default;
};

struct Endpoint {
    base::IpAddress address;
    std::uint16_t port = 25;

    auto operator<=>(const Endpoint&) const = default;
};

struct RouteSettings {
    std::uint16_t port = 25;                      // of hosts whose next hop names none
    std::vector<base::Network> allowed = {};      // of the special addresses (IpAddress::isSpecial)
    std::vector<base::DomainName> ourNames = {};  // an MX host so named is ourselves
    std::vector<Endpoint> ourEndpoints = {};      // where our own listeners are reached
};

/// What DANE must know of one family's address lookup (RFC 7672 §2.1.3, §2.2.2; rules 2, 3).
struct AddressFacts {
    Status status = Status::noData;
    record::DnssecStatus dnssec = record::DnssecStatus::notAsked;  // of the whole alias chain
    std::optional<base::DomainName> canonical = {};                // after all aliases; none: no alias

    bool operator==(const AddressFacts&) const = default;
};

struct RouteHost {
    std::string name;  // A-labels, or an address's text
    std::uint16_t preference = 0;
    std::vector<base::IpAddress> addresses = {};  // in the order to be tried; never empty without a failure
    std::optional<Failure> failure = {};          // why it can't be reached
    AddressFacts v4 = {}, v6 = {};

    bool operator==(const RouteHost&) const = default;
};

struct Route {
    std::vector<RouteHost> hosts = {};    // in the order to be tried, those that failed too
    std::optional<Failure> failure = {};  // no host can be reached
    std::uint16_t port = 25;
    record::DnssecStatus mx = record::DnssecStatus::notAsked;  // of the MX answer, or of its absence
    std::optional<base::DomainName> canonical = {};  // the next hop after all aliases of its MX lookup
    std::chrono::seconds ttl{0};                     // the smallest of all answers

    bool operator==(const Route&) const = default;
};

class MxRoute {
public:
    static constexpr std::size_t mostHosts = 20;
    static constexpr std::size_t mostAddresses = 8;  // of one host

    /// `settings` must live as long as the machine.
    MxRoute(const record::NextHop& nextHop, const RouteSettings& settings, std::uint64_t seed);

    /// What is to be asked now, all at once; empty: the route is known.
    const std::vector<Question>& questions() const { return questions_; }
    /// One answer for each question, in their order.
    void answered(const std::vector<Answer>& answers);

    const Route& route() const { return route_; }

private:
    void answeredMx(const Answer& answer);
    void takeMx(const Answer& answer);
    void answeredAddresses(const std::vector<Answer>& answers);
    std::vector<base::IpAddress> ordered(const Answer& v4, const Answer& v6);
    void settleHost(RouteHost& host, const Answer& v4, const Answer& v6);
    void dropFrom(std::uint16_t preference);
    void askAddresses();
    void fail(Failure::Kind kind, std::string status, std::string words);
    void conclude();

    bool isOurs(const base::IpAddress& address) const;
    bool isForbidden(const base::IpAddress& address) const;

    const RouteSettings& settings_;
    record::NextHop nextHop_;
    std::minstd_rand random_;
    bool isFirstTtl_ = true;
    std::vector<Question> questions_;
    Route route_;
};

}  // namespace postseal::dns
