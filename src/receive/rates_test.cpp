#include "receive/rates.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace postseal::receive {
namespace {

base::IpAddress address(const char* text) {
    return *base::IpAddress::parse(text);
}

}  // namespace

TEST_CASE("rule 53: session limits hold at one less, equal and one more") {
    Rates rates;
    const SessionLimits limits{.sessions = 4, .sessionsPerClient = 2};
    std::vector<Rates::Entry> open;
    const auto enter = [&](const char* client) {
        open.push_back(rates.enter(address(client), limits));
        return open.back().admission;
    };
    CHECK(enter("192.0.2.1") == Admission::admitted);
    CHECK(enter("192.0.2.1") == Admission::admitted);
    CHECK(enter("192.0.2.1") == Admission::tooManyFromClient);
    CHECK(enter("192.0.2.2") == Admission::admitted);
    CHECK(enter("192.0.2.3") == Admission::admitted);
    CHECK(enter("192.0.2.4") == Admission::tooManySessions);
    CHECK(rates.sessions() == 4);
    open.clear();
    CHECK(rates.sessions() == 0);
    CHECK(enter("192.0.2.1") == Admission::admitted);
}

TEST_CASE("rates: an IPv6 client is its /64") {
    Rates rates;
    const SessionLimits limits{.sessions = 10, .sessionsPerClient = 1};
    const auto first = rates.enter(address("2001:db8:1:2::1"), limits);
    CHECK(first.admission == Admission::admitted);
    CHECK(rates.enter(address("2001:db8:1:2:ffff::9"), limits).admission == Admission::tooManyFromClient);
    CHECK(rates.enter(address("2001:db8:1:3::1"), limits).admission == Admission::admitted);
}

}  // namespace postseal::receive
