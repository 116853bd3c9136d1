#include "deliver/learn.hpp"

#include <doctest/doctest.h>

namespace postseal::deliver {
namespace {

using policy::Contact;
using record::Assurance;
using record::HopResult;
using Kind = record::Origin::Kind;

queue::Lease leaseFor(std::string nextHop, bool isTlsOptional = false) {
    queue::Message message;
    message.sender = record::Mailbox::parse("alice@sender.example").value();
    message.tls.optional = isTlsOptional;
    return {std::make_shared<const queue::Message>(std::move(message)),
            std::move(nextHop),
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

RecipientEnd heldEnd(std::string words) {
    return {.recipient = {.address = *record::Mailbox::parse("bob@example.org")},
            .result = HopResult::deferred,
            .reason = {"4.7.5", "5.7.5", std::move(words), {}}};
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
    failure.recipients = {heldEnd("no STARTTLS")};
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
    Outcome outcome;
    outcome.hops = {less};
    outcome.recipients = {heldEnd("no STARTTLS")};
    const auto contact = contactOf(own, outcome);
    REQUIRE(contact.has_value());
    CHECK(contact->fate == Contact::Fate::held);
    CHECK(contact->words == "no STARTTLS");

    outcome.recipients = {heldEnd("another host's words")};
    CHECK_FALSE(contactOf(own, outcome));  // this hop failed for another reason
    outcome.recipients = {heldEnd("no STARTTLS")};
    outcome.recipients.front().reason.dsnWhenReturned.clear();
    CHECK_FALSE(contactOf(own, outcome));  // no matter of policy
    outcome.recipients = {heldEnd("no STARTTLS")};
    outcome.hops.front().requirement = by(Kind::mtaSts);
    CHECK_FALSE(contactOf(own, outcome));  // memory demanded nothing
    outcome.hops.front() = less;
    outcome.hops.front().peer.address.reset();
    CHECK_FALSE(contactOf(own, outcome));  // nobody was reached
}

}  // namespace postseal::deliver
