#include "receive/access.hpp"

#include <doctest/doctest.h>

namespace postseal::receive {
namespace {

directory::Directory sample() {
    directory::Directory directory;
    const auto ours = base::DomainName::parse("example.org").value();
    directory.domains.emplace(
        ours, directory::Domain{directory::Relay{record::NextHop::parse("[inner.example.org]:2525").value()},
                                directory::Recipients::parse("bob\n", ours).value()});
    CHECK(directory.routes.add("example.net", record::NextHop::parse("[relay.example.net]").value()));
    return directory;
}

std::string answer(std::string_view recipient, Relaying relaying) {
    const auto decided = decideRecipient(record::Mailbox::parse(recipient).value(), sample(), relaying);
    return decided ? *decided : smtp::toLogText(decided.error());
}

}  // namespace

TEST_CASE("rule 52: never an open relay, however the address is dressed") {
    struct Row {
        const char *why, *recipient, *stranger, *network;
    };
    const Row rows[] = {
        {"ours, from anyone", "bob@example.org", "[inner.example.org]:2525", "[inner.example.org]:2525"},
        {"in any case", "BOB@EXAMPLE.ORG", "[inner.example.org]:2525", "[inner.example.org]:2525"},
        {"rule 60: unknown here", "eve@example.org",
         "550 5.1.1 <eve@example.org>: Recipient address rejected: User unknown",
         "550 5.1.1 <eve@example.org>: Recipient address rejected: User unknown"},
        {"foreign", "eve@example.com", "554 5.7.1 <eve@example.com>: Relay access denied", "example.com"},
        {"by a route", "eve@example.net", "554 5.7.1 <eve@example.net>: Relay access denied",
         "[relay.example.net]"},
        {"an address literal", "eve@[192.0.2.1]", "554 5.7.1 <eve@[192.0.2.1]>: Relay access denied",
         "[192.0.2.1]"},
        {"the %-hack", "eve%example.com@example.org",
         "554 5.7.1 <eve%example.com@example.org>: Relay access denied",
         "554 5.7.1 <eve%example.com@example.org>: Relay access denied"},
        {"a quoted address", "\"eve@example.com\"@example.org",
         "554 5.7.1 <\"eve@example.com\"@example.org>: Relay access denied",
         "554 5.7.1 <\"eve@example.com\"@example.org>: Relay access denied"},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        CHECK(answer(row.recipient, Relaying::refused) == row.stranger);
        CHECK(answer(row.recipient, Relaying::allowed) == row.network);
    }
}

TEST_CASE("relay_networks: empty by default, and by network") {
    const auto client = *base::IpAddress::parse("192.0.2.7");
    CHECK(relayingFor(client, {}) == Relaying::refused);
    CHECK(relayingFor(client, {base::Network::parse("192.0.2.0/24").value()}) == Relaying::allowed);
    CHECK(relayingFor(client, {base::Network::parse("198.51.100.0/24").value()}) == Relaying::refused);
}

}  // namespace postseal::receive
