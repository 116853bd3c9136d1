#include "deliver/learn.hpp"

#include <doctest/doctest.h>

namespace postseal::deliver {
namespace {

using policy::Contact;
using record::Assurance;
using record::HopResult;
using Kind = record::Origin::Kind;

queue::Lease leaseFor(std::string_view nextHop, bool isTlsOptional = false) {
    queue::Message message;
    message.sender = record::Mailbox::parse("alice@sender.example").value();
    if (isTlsOptional) message.tls = record::TlsDemand::optional;
    return {std::make_shared<const queue::Message>(std::move(message)),
            record::Route::parse(nextHop).value(),
            {{.address = *record::Mailbox::parse("bob@example.org")}},
            {}};
}

record::HopRecord hopWith(HopResult result, std::optional<Assurance> had, record::Requirement requirement) {
    record::HopRecord hop;
    hop.direction = record::Direction::out;
    hop.peer = {"mx.example.org", base::IpAddress::parse("192.0.2.1"), 25};
    hop.recipients = {{"bob@example.org", result, ""}};
    hop.requirement = std::move(requirement);
    hop.assurance = had;
    hop.result = result;
    hop.reason = result == HopResult::delivered ? "" : "no STARTTLS";
    if (had == Assurance::authenticated) hop.tls.emplace().authenticatedBy = record::Proof::dane;
    return hop;
}

record::Requirement by(Kind kind, std::vector<record::Also> also = {}) {
    return {.level = record::Level::encrypt, .origin = {kind}, .also = std::move(also)};
}

RecipientEnd endOf(Standing standing, std::size_t hop) {
    return {.recipient = {.address = *record::Mailbox::parse("bob@example.org")},
            .result = HopResult::deferred,
            .standing = standing,
            .reason = {"4.7.5", "5.7.5", "words that nobody reads", {}},
            .hop = hop};
}

}  // namespace

TEST_CASE("memory: a report tells nothing, whether it was delivered or held") {
    auto lease = leaseFor("example.org");
    auto report = *lease.message;
    report.sender.reset();
    const auto delivered = hopWith(HopResult::delivered, Assurance::authenticated, by(Kind::standard));
    const auto held = hopWith(HopResult::deferred, Assurance::cleartext, by(Kind::memory));
    Outcome success, failure;
    success.hops = {delivered};
    failure.hops = {held};
    failure.recipients = {endOf(Standing::heldByPolicy, 0)};
    CHECK(contactOf(lease, success));
    CHECK(contactOf(lease, failure));
    lease.message = std::make_shared<const queue::Message>(std::move(report));
    CHECK_FALSE(contactOf(lease, success));
    CHECK_FALSE(contactOf(lease, failure));
}

TEST_CASE("memory: what a delivery tells of its domain") {
    const auto own = leaseFor("example.org");
    const auto delivered = HopResult::delivered;
    struct Row {
        const char* why;
        queue::Lease lease;
        record::HopRecord hop;
        std::optional<Assurance> had;
        bool lessIsAllowed = false;
    };
    auto local = hopWith(delivered, Assurance::encrypted, by(Kind::standard));
    local.local = true;
    const Row rows[] = {
        {"to its own host", own, hopWith(delivered, Assurance::authenticated, by(Kind::dane)),
         Assurance::authenticated},
        {"in clear", own, hopWith(delivered, Assurance::cleartext, by(Kind::standard)), Assurance::cleartext},
        {"a map entry allows less", own, hopWith(delivered, Assurance::cleartext, by(Kind::map)),
         Assurance::cleartext, true},
        {"so does an exception", own, hopWith(delivered, Assurance::cleartext, by(Kind::exception)),
         Assurance::cleartext, true},
        {"beside a demand of ours, too", own,
         hopWith(delivered, Assurance::encrypted, by(Kind::sender, {{record::Level::encrypt, {Kind::map}}})),
         Assurance::encrypted, true},
        {"and TLS-Required: No", leaseFor("example.org", true),
         hopWith(delivered, Assurance::cleartext, by(Kind::standard)), Assurance::cleartext, true},
        {"a smarthost is not the domain", leaseFor("[relay.example.com]:587"),
         hopWith(delivered, Assurance::authenticated, by(Kind::map)), std::nullopt},
        {"nor is its host, when the administrator named it", leaseFor("[example.org]"),
         hopWith(delivered, Assurance::authenticated, by(Kind::standard)), std::nullopt},
        {"nor what answers on another port", leaseFor("example.org:2525"),
         hopWith(delivered, Assurance::authenticated, by(Kind::standard)), std::nullopt},
        {"nor is another domain's host", leaseFor("example.com"),
         hopWith(delivered, Assurance::authenticated, by(Kind::standard)), std::nullopt},
        {"on this machine", own, local, std::nullopt},
        {"refused by the peer", own, hopWith(HopResult::bounced, Assurance::encrypted, by(Kind::memory)),
         std::nullopt},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        Outcome outcome;
        outcome.hops = {row.hop};
        const auto contact = contactOf(row.lease, outcome);
        CHECK((contact ? std::optional(contact->assurance) : std::nullopt) == row.had);
        if (!contact) continue;
        CHECK(contact->fate == Contact::Fate::delivered);
        CHECK(contact->lessIsAllowed == row.lessIsAllowed);
        CHECK(contact->host == "mx.example.org[192.0.2.1]:25");
    }
}

TEST_CASE("memory: what was held back, by policy and nothing else") {
    const auto own = leaseFor("example.org");
    const auto less = hopWith(HopResult::deferred, Assurance::cleartext,
                              by(Kind::mtaSts, {{record::Level::secure, {Kind::memory}}}));
    const auto other = hopWith(HopResult::deferred, std::nullopt, by(Kind::standard));
    Outcome outcome;
    outcome.hops = {other, less};
    outcome.recipients = {endOf(Standing::heldByPolicy, 1)};
    const auto contact = contactOf(own, outcome);
    REQUIRE(contact.has_value());
    CHECK(contact->fate == Contact::Fate::held);
    CHECK(contact->words == "no STARTTLS");

    outcome.recipients = {endOf(Standing::heldByPolicy, 0)};
    CHECK_FALSE(contactOf(own, outcome));  // by another host
    outcome.recipients = {endOf(Standing::putOff, 1)};
    CHECK_FALSE(contactOf(own, outcome));  // no matter of policy
    outcome.recipients = {endOf(Standing::heldByPolicy, 1)};
    outcome.hops.back().requirement = by(Kind::mtaSts);
    CHECK_FALSE(contactOf(own, outcome));  // memory demanded nothing
    outcome.hops.back() = less;
    outcome.hops.back().peer.address.reset();
    CHECK_FALSE(contactOf(own, outcome));  // nobody was reached

    Outcome later;  // of a second way to go: its hops stand behind those of the first
    later.hops = {less};
    later.recipients = {endOf(Standing::heldByPolicy, 0)};
    outcome.recipients.clear();
    append(outcome, std::move(later));
    CHECK(outcome.recipients.front().hop == 2U);
    CHECK(contactOf(own, outcome).has_value());
}

TEST_CASE("memory: of several hosts that took the message, the one that protected least is learnt") {
    const auto own = leaseFor("example.org");
    const auto delivered = HopResult::delivered;
    const auto proven = hopWith(delivered, Assurance::authenticated, by(Kind::dane));
    const auto clear = hopWith(delivered, Assurance::cleartext, by(Kind::standard));
    const auto refused = hopWith(HopResult::bounced, Assurance::cleartext, by(Kind::standard));
    Outcome outcome;
    outcome.hops = {proven, clear};
    CHECK(contactOf(own, outcome)->assurance == Assurance::cleartext);
    outcome.hops = {clear, proven};
    CHECK(contactOf(own, outcome)->assurance == Assurance::cleartext);
    outcome.hops = {refused, proven};
    CHECK(contactOf(own, outcome)->assurance == Assurance::authenticated);
}

}  // namespace postseal::deliver
