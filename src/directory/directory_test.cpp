#include "directory/directory.hpp"

#include <doctest/doctest.h>

using namespace postseal;
using namespace postseal::directory;

namespace {

base::DomainName domain(std::string_view text) {
    return base::DomainName::parse(text).value();
}
NextHop hop(std::string_view text) {
    return NextHop::parse(text).value();
}

Directory sample() {
    Directory d;
    const auto listed = domain("example.org");
    d.domains.emplace(
        listed,
        Domain{Relay{hop("[inner.example.org]:2525")},
               Recipients::parse("user\n# remark\n\n  Second@Example.ORG  remark\n"
                                 "other@elsewhere.example\nodd%name\r\n\"with space\"@example.org x\n",
                                 listed)
                   .value()});
    d.domains.emplace(domain("any.example"), Domain{Relay{hop("[127.0.0.1]:26")}, Recipients::any()});
    CHECK(d.routes.add("example.net", hop("[relay.example.com]:587")));
    CHECK(d.routes.add(".example.net", hop("below.example.com")));
    CHECK(d.routes.add(".deep.example.net", hop("deep.example.com")));
    return d;
}

std::string classified(const Directory& d, std::string_view address) {
    const auto found = d.classify(record::Mailbox::parse(address).value());
    if (const auto* ours = std::get_if<Ours>(&found)) return "ours " + toText(ours->nextHop);
    if (const auto* foreign = std::get_if<Foreign>(&found)) {
        constexpr std::string_view by[] = {"mx ", "route ", "smarthost "};
        return std::string(by[static_cast<int>(foreign->by)]) + toText(foreign->nextHop);
    }
    return std::holds_alternative<Unknown>(found) ? "unknown" : "sender-routed";
}

}  // namespace

TEST_CASE("directory: where an address belongs") {
    auto d = sample();
    struct Row {
        std::string_view why, address, want;
    };
    const Row rows[] = {
        {"listed", "user@example.org", "ours [inner.example.org]:2525"},
        {"in any case", "USER@EXAMPLE.org", "ours [inner.example.org]:2525"},
        {"listed with its domain", "second@example.org", "ours [inner.example.org]:2525"},
        {"listed in quotes", "\"with space\"@example.org", "ours [inner.example.org]:2525"},
        {"listed, odd as it is", "odd%name@example.org", "ours [inner.example.org]:2525"},
        {"RFC 5321 §4.5.1: postmaster exists", "Postmaster@example.org", "ours [inner.example.org]:2525"},
        {"not listed", "nobody@example.org", "unknown"},
        {"listed for another domain", "other@example.org", "unknown"},
        {"any", "whoever@any.example", "ours [127.0.0.1]:26"},
        {"what is below our domain is not ours", "user@sub.example.org", "mx sub.example.org"},
        {"a route", "x@example.net", "route [relay.example.com]:587"},
        {"below a route", "x@a.b.example.net", "route below.example.com"},
        {"the longest wins", "x@a.deep.example.net", "route deep.example.com"},
        {"deep itself is only below", "x@deep.example.net", "route below.example.com"},
        {"no route", "x@example.com", "mx example.com"},
        {"an address literal", "x@[192.0.2.1]", "mx [192.0.2.1]"},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        CHECK(classified(d, row.address) == row.want);
    }
    CHECK(d.routes.add("*", hop("[smart.example.com]:587")));
    CHECK(classified(d, "x@example.com") == "smarthost [smart.example.com]:587");
    CHECK(classified(d, "x@[192.0.2.1]") == "smarthost [smart.example.com]:587");
    CHECK(classified(d, "x@example.net") == "route [relay.example.com]:587");
    CHECK(toText(d.nextHop(domain("example.org"))) == "[inner.example.org]:2525");
    CHECK_FALSE(d.routes.add("*", hop("a")));
    CHECK_FALSE(d.routes.add("Example.Net", hop("a")));
    CHECK_FALSE(d.routes.add("..", hop("a")));
}

TEST_CASE("RFC 5321 §4.5.1: a postmaster without a domain is one of ours") {
    const auto d = sample();  // any.example, example.org
    CHECK(d.postmasterDomain(domain("mx.example.org")) == domain("example.org"));
    CHECK(d.postmasterDomain(domain("example.org")) == domain("example.org"));
    CHECK(d.postmasterDomain(domain("mx.elsewhere.example")) == domain("any.example"));
    CHECK(Directory().postmasterDomain(domain("mx.example.org")) == domain("mx.example.org"));
}

TEST_CASE("rule 52: tries to relay by spelling get the answer of the address that they are") {
    const auto d = sample();
    struct Row {
        std::string_view why, address, want;
    };
    const Row rows[] = {
        {"%-hack in a list", "user%foreign.example@example.org", "sender-routed"},
        {"%-hack where any is known", "user%foreign.example@any.example", "sender-routed"},
        {"quoted address", "\"user@foreign.example\"@any.example", "sender-routed"},
        {"bang path", "foreign.example!user@any.example", "sender-routed"},
        {"quotes that are not needed", "\"user\"@example.org", "ours [inner.example.org]:2525"},
        {"trailing dot", "user@example.org.", "ours [inner.example.org]:2525"},
        {"foreign with a trailing dot", "user@foreign.example.", "mx foreign.example"},
        {"foreign in mixed case", "user@FOREIGN.example", "mx foreign.example"},
        {"our own address as a literal is foreign", "user@[127.0.0.1]", "mx [127.0.0.1]"},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        CHECK(classified(d, row.address) == row.want);
    }
}

TEST_CASE("directory: a bad line of a list names itself") {
    const auto bad = Recipients::parse("good\n\n@@\n", domain("example.org"));
    REQUIRE_FALSE(bad);
    CHECK(bad.error().line == 3);
    const auto all = Recipients::parse("@example.org\n", domain("example.org"));
    REQUIRE(all);
    CHECK(all->contains(record::Mailbox::parse("anyone@example.org").value()));
    const auto none = Recipients::parse("", domain("example.org"));
    REQUIRE(none);
    CHECK_FALSE(none->contains(record::Mailbox::parse("anyone@example.org").value()));
}
