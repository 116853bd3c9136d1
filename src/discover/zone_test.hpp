// For tests: a zone of few words, and the destinations that it leads to.
#pragma once

#include "discover/destination.hpp"
#include "task/cores.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <doctest/doctest.h>

#include <map>

namespace postseal::discover::test {

using base::DomainName;
using base::IpAddress;
using record::DnssecStatus;
using record::Level;

/// A zone that counts how often it was asked.
struct Zone {
    std::map<std::string, dns::Answer> answers;
    int asked = 0;
    std::vector<std::string> questions = {};  // `TLSA _25._tcp.a.example.org`
};

inline task::Awaitable<std::vector<dns::Answer>> answer(std::shared_ptr<Zone> zone,
                                                        std::vector<dns::Question> questions) {
    std::vector<dns::Answer> answers;
    for (const auto& question : questions) {
        ++zone->asked;
        const auto text = std::string(toText(question.type)) + " " + question.name.text();
        zone->questions.push_back(text);
        const auto at = zone->answers.find(text);
        answers.push_back(at != zone->answers.end()
                              ? at->second
                              : dns::Answer{.status = dns::Status::noData, .ttl = std::chrono::seconds(300)});
    }
    co_return answers;
}

inline dns::Answer found(dns::Records records, DnssecStatus dnssec = DnssecStatus::insecure, int ttl = 300) {
    return {dns::Status::found, dnssec, std::move(records), {}, 0, std::chrono::seconds(ttl), {}};
}

inline dns::Answer mx(std::initializer_list<const char*> hosts,
                      DnssecStatus dnssec = DnssecStatus::insecure) {
    std::vector<dns::Mx> list;
    for (const auto* host : hosts)
        list.push_back({static_cast<std::uint16_t>(list.size()), *DomainName::parse(host)});
    return found(list, dnssec);
}

inline std::shared_ptr<Zone> zoneOf(dns::Answer mxAnswer) {
    const auto address = found(std::vector{IpAddress::v4({8, 0, 0, 1})});
    return std::make_shared<Zone>(Zone{{{"MX example.org", std::move(mxAnswer)},
                                        {"A a.example.org", address},
                                        {"A b.example.org", address},
                                        {"A example.org", address},
                                        {"A relay.test", address}}});
}

inline std::shared_ptr<const DestinationSettings> settingsOf(std::string_view map, Level level = Level::may) {
    const auto parsed = policy::Map::parse(map, "tls_policy", [](const std::string&) {
        return base::Result<record::Anchors, std::string>(record::Anchors{});
    });
    REQUIRE(parsed);
    return std::make_shared<DestinationSettings>(
        DestinationSettings{std::make_shared<policy::Map>(*parsed), policy::standardClaim(level), {}});
}

inline Destinations destinationsOf(std::shared_ptr<Zone> zone,
                                   std::shared_ptr<const DestinationSettings> settings) {
    return {{.ask = [zone = std::move(zone)](
                        std::vector<dns::Question> questions) { return answer(zone, std::move(questions)); }},
            std::move(settings)};
}

inline std::shared_ptr<const Destination> find(Destinations& destinations, Query query) {
    task::Core core(0, {});
    auto result =
        boost::asio::co_spawn(core.context, destinations.find(std::move(query)), boost::asio::use_future);
    core.context.run();
    return result.get();
}

inline Query queryOf(std::string_view nextHop) {
    return {.nextHop = record::NextHop::parse(nextHop).value()};
}

inline std::shared_ptr<const Destination> find(Destinations& destinations, std::string_view nextHop) {
    return find(destinations, queryOf(nextHop));
}

}  // namespace postseal::discover::test
