#include "directory/directory.hpp"

#include "directory/review.hpp"

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
    CHECK(d.routes.add("example.net", {hop("[relay.example.com]:587")}));
    CHECK(d.routes.add(".example.net", {hop("below.example.com")}));
    CHECK(d.routes.add(".deep.example.net", {hop("deep.example.com")}));
    return d;
}

constexpr base::Timestamp now = base::fromMicros(1'795'478'400'000'000);

std::string resolved(const Directory& d, std::string_view address) {
    const auto found = d.resolve(record::Mailbox::parse(address).value(), now);
    if (const auto* ours = std::get_if<Ours>(&found)) {
        std::string words = ours->isExpanded ? "alias of" : "ours";
        for (const auto& target : ours->targets)
            words += (ours->isExpanded ? ' ' + target.address.toText() + " by " : " ") +
                     toText(target.transport) +
                     (target.forwardedBy ? " from " + target.forwardedBy->text() : "");
        return words;
    }
    if (const auto* foreign = std::get_if<Foreign>(&found)) {
        constexpr std::string_view by[] = {"mx ", "route ", "smarthost "};
        return (foreign->from == Foreign::From::anyone ? "backup " : "") +
               std::string(by[static_cast<int>(foreign->by)]) + toText(foreign->nextHop);
    }
    if (std::holds_alternative<Unbounded>(found)) return "unbounded";
    return std::holds_alternative<Unknown>(found) ? "unknown" : "sender-routed";
}

/// `lists` is one recipient a line.
void addDomain(Directory& d, std::string_view name, std::string_view delivery, std::string_view list,
               std::string_view aliases) {
    const auto listed = domain(name);
    Delivery by = Relay{NextHop::parse("[inner.example.org]:2525").value()};
    if (delivery.starts_with('/')) by = Maildirs::parse(delivery).value();
    auto parsed = Aliases::parse(aliases, listed);
    CHECK(parsed.refused.empty());
    d.domains.emplace(listed,
                      Domain{by, Recipients::parse(list, listed).value(), std::move(parsed.aliases), "+-"});
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
        CHECK(resolved(d, row.address) == row.want);
    }
    CHECK(d.routes.add("*", {hop("[smart.example.com]:587")}));
    CHECK(resolved(d, "x@example.com") == "smarthost [smart.example.com]:587");
    CHECK(resolved(d, "x@[192.0.2.1]") == "smarthost [smart.example.com]:587");
    CHECK(resolved(d, "x@example.net") == "route [relay.example.com]:587");
    const auto nobody = d.addressees(record::Mailbox::parse("nobody@example.org").value(), now);
    REQUIRE(nobody.size() == 1);
    CHECK(toText(nobody.front().transport) == "[inner.example.org]:2525");
    CHECK_FALSE(d.routes.add("*", {hop("a"), Recipients::any()}));
    CHECK_FALSE(d.routes.add("*", {hop("a")}));
    CHECK_FALSE(d.routes.add("Example.Net", {hop("a")}));
    CHECK_FALSE(d.routes.add("..", {hop("a")}));
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
        CHECK(resolved(d, row.address) == row.want);
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

TEST_CASE("directory: aliases, followed to their ends") {
    Directory d;
    addDomain(d, "example.org", "/var/mail/{domain}/{local}", "bob\ncarol\nself\nws-s\n",
              "info: bob\nteam: info, carol, bob\nstaff: team, eve@elsewhere.example\n"
              "self: self, archive@example.net\nloop: pool\npool: loop\nout: x@elsewhere.example\n"
              "gone: nobody\nother: help@example.net\nhalf: loop, bob\nevil: \"x%y\"\n"
              "info+direct: carol\npostmaster: bob\nupper: BOB\n");
    addDomain(d, "example.net", "", "archive\n", "help: hand@far.example\n");
    CHECK(d.routes.add("far.example", {hop("[far-relay.example]")}));
    struct Row {
        std::string_view why, address, want;
    };
    const Row rows[] = {
        {"no alias", "bob@example.org", "ours maildir:example.org"},
        {"one", "info@example.org", "alias of bob@example.org by maildir:example.org"},
        {"in any case", "INFO@example.org", "alias of bob@example.org by maildir:example.org"},
        {"each once, over others", "team@example.org",
         "alias of bob@example.org by maildir:example.org carol@example.org by maildir:example.org"},
        {"to a foreign domain", "out@example.org",
         "alias of x@elsewhere.example by elsewhere.example from example.org"},
        {"itself is its mailbox", "self@example.org",
         "alias of self@example.org by maildir:example.org archive@example.net by [inner.example.org]:2525"},
        {"over another domain of ours, by its rules", "other@example.org",
         "alias of hand@far.example by [far-relay.example] from example.net"},
        {"a loop leads nowhere", "loop@example.org", "unknown"},
        {"the rest of a loop", "half@example.org", "alias of bob@example.org by maildir:example.org"},
        {"nobody is kept, so that its sender hears of it", "gone@example.org",
         "alias of nobody@example.org by maildir:example.org"},
        {"rule 52: not by an alias either", "evil@example.org", "unknown"},
        {"a subaddress", "bob+news@example.org", "ours maildir:example.org"},
        {"by another sign", "bob-news@example.org", "ours maildir:example.org"},
        {"of an alias", "info+news@example.org", "alias of bob@example.org by maildir:example.org"},
        {"with a line of its own", "info+direct@example.org",
         "alias of carol@example.org by maildir:example.org"},
        {"the whole name first", "ws-s@example.org", "ours maildir:example.org"},
        {"of nobody", "eve+bob@example.org", "unknown"},
        {"nothing before it", "+bob@example.org", "unknown"},
        {"postmaster has an alias", "postmaster@example.org",
         "alias of bob@example.org by maildir:example.org"},
        {"postmaster without one", "postmaster@example.net", "ours [inner.example.org]:2525"},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        CHECK(resolved(d, row.address) == row.want);
    }
}

TEST_CASE("directory: aliases are bounded in number and depth") {
    const auto chain = [](std::size_t length) {
        std::string text;
        for (std::size_t i = 0; i < length; ++i)
            text += "a" + std::to_string(i) + ": a" + std::to_string(i + 1) + '\n';
        return text;
    };
    const auto many = [](std::size_t count) {
        std::string text = "a0: x@elsewhere.example";
        for (std::size_t i = 1; i < count; ++i)
            text += ",\n  x" + std::to_string(i) + "@elsewhere.example";
        return text;
    };
    const auto first = [](const std::string& aliases) {
        Directory d;
        addDomain(d, "example.org", "", "a" + std::to_string(deepestAlias) + '\n', aliases);
        return resolved(d, "a0@example.org");
    };
    CHECK(first(chain(deepestAlias)) == "alias of a20@example.org by [inner.example.org]:2525");
    CHECK(first(chain(deepestAlias + 1)) == "unbounded");
    CHECK(first(many(mostTargets)).starts_with("alias of x@"));
    CHECK(first(many(mostTargets + 1)) == "unbounded");
}

TEST_CASE("directory: what a review says of domains") {
    Directory d;
    addDomain(d, "example.org", "/var/mail/{local}", "bob\n",
              "loop: pool\npool: loop\n\nfine: bob\ngone: nobody\n");
    std::string words;
    for (const auto& warning : review(d))
        words += std::to_string(warning.line) + ' ' + warning.words.substr(0, 34) + '\n';
    CHECK(words == "0 postmaster@example.org always exis\n"
                   "5 'gone' leads to nobody@example.org\n"
                   "1 'loop' leads back to itself and to\n"
                   "2 'pool' leads back to itself and to\n");
}

TEST_CASE("a backup MX takes mail for its domains from anyone, and for no others") {
    Directory d;
    CHECK(d.routes.add("example.net", {hop("example.net"), Recipients::any()}));
    CHECK(d.routes.add(".example.net", {hop("[inner.example.net]"), Recipients::any()}));
    CHECK(d.routes.add("listed.example", {hop("listed.example"),
                                          Recipients::parse("bob\n", domain("listed.example")).value()}));
    CHECK(d.routes.add("plain.example", {hop("[plain.example]")}));
    struct Row {
        std::string_view why, address, want;
    };
    const Row rows[] = {
        {"any", "bob@example.net", "backup route example.net"},
        {"below", "bob@deep.example.net", "backup route [inner.example.net]"},
        {"rule 52", "bob%elsewhere.example@example.net", "sender-routed"},
        {"listed", "bob@listed.example", "backup route listed.example"},
        {"not listed", "eve@listed.example", "unknown"},
        {"a route alone is none", "bob@plain.example", "route [plain.example]"},
        {"nor is anything else", "bob@elsewhere.example", "mx elsewhere.example"},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        CHECK(resolved(d, row.address) == row.want);
    }
}

TEST_CASE("directory: a sender is rewritten where an alias leaves our domains, and only there") {
    Directory d;
    addDomain(d, "example.org", "", "bob\n", "out: x@elsewhere.example\n");
    addDomain(d, "plain.example", "", "", "out: x@elsewhere.example\n");
    d.domains.at(domain("plain.example")).rewriting = Rewriting::no;
    const auto sentAs = [&](std::string_view sender, std::string_view recipient) {
        const auto found = d.resolve(record::Mailbox::parse(recipient).value(), now);
        const auto from = sender.empty() ? record::ReversePath() : record::Mailbox::parse(sender).value();
        return record::toText(d.sentAs(from, std::get<Ours>(found).targets.front(), now));
    };
    CHECK(sentAs("eve@far.example", "out@example.org") == "");  // no secret, no rewriting
    d.srs = std::make_shared<Srs>(base::Secret("0123456789abcdef"));
    const auto made = sentAs("eve@far.example", "out@example.org");
    CHECK(made.starts_with("SRS0="));
    CHECK(made.ends_with("=far.example=eve@example.org"));
    CHECK(resolved(d, made) == "alias of eve@far.example by far.example from example.org");
    CHECK(resolved(d, "SRS0=AAAAAAAAAA=AA=far.example=eve@example.org") == "unknown");
    CHECK(sentAs("", "out@example.org") == "");
    CHECK(sentAs("bob@example.org", "out@example.org") == "");
    CHECK(sentAs("eve@far.example", "bob@example.org") == "");
    CHECK(sentAs("eve@far.example", "out@plain.example") == "");
    const auto at = made.find('@');
    CHECK(resolved(d, made.substr(0, at) + "@plain.example") == "unknown");
}
