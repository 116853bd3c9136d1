#include "dns/answer.hpp"

#include <doctest/doctest.h>

namespace postseal::dns {
namespace {

using base::DomainName;
using base::IpAddress;
using record::DnssecStatus;
using namespace std::string_literals;
using namespace std::string_view_literals;

DomainName name(std::string_view text) {
    return *DomainName::parse(text);
}

Question ask(Type type) {
    return {name("example.org"), type};
}

/// The reply points into `rdata`.
Reply data(std::initializer_list<std::string_view> rdata) {
    Reply reply{.hasData = true, .ttl = std::chrono::seconds(60)};
    for (const auto bytes : rdata)
        reply.rdata.push_back(base::asBytes(bytes));
    return reply;
}

}  // namespace

TEST_CASE("rule 1: found, no data, no such name and could not ask are four answers") {
    struct Row {
        const char* why;
        Reply reply;
        Status status;
        DnssecStatus dnssec;
    };
    auto secure = data({"\x7f\0\0\1"sv});
    secure.secure = true;
    auto both = secure;
    both.bogus = true;
    const Row rows[] = {
        {"an address", data({"\x7f\0\0\1"sv}), Status::found, DnssecStatus::insecure},
        {"a signed address", secure, Status::found, DnssecStatus::secure},
        {"bogus is tested before secure and before data", both, Status::failed, DnssecStatus::bogus},
        {"NODATA", Reply{}, Status::noData, DnssecStatus::insecure},
        {"proven NODATA", Reply{.secure = true}, Status::noData, DnssecStatus::secure},
        {"NXDOMAIN", Reply{.rcode = 3, .noDomain = true}, Status::noDomain, DnssecStatus::insecure},
        {"bogus NXDOMAIN", Reply{.rcode = 3, .noDomain = true, .bogus = true}, Status::failed,
         DnssecStatus::bogus},
        {"SERVFAIL", Reply{.rcode = 2}, Status::failed, DnssecStatus::insecure},
        {"REFUSED", Reply{.rcode = 5}, Status::failed, DnssecStatus::insecure},
        {"SERVFAIL that also says no data", Reply{.rcode = 2, .noDomain = true}, Status::failed,
         DnssecStatus::insecure},
        {"an unknown rcode", Reply{.rcode = 4000}, Status::failed, DnssecStatus::insecure},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        const auto answer = readReply(ask(Type::a), row.reply);
        CHECK(answer.status == row.status);
        CHECK(answer.dnssec == row.dnssec);
        CHECK(answer.why.empty() == (row.status != Status::failed));
    }
}

TEST_CASE("RFC 1035 §3.3: records are read from the wire") {
    const auto mx = readReply(ask(Type::mx), data({"\0\x0a\4MAIL\7example\3org\0"sv, "\0\0\0"sv}));
    CHECK(mx.all<Mx>().size() == 2);
    CHECK(mx.all<Mx>()[0] == Mx{10, name("mail.example.org")});
    CHECK(mx.all<Mx>()[1] == Mx{0, std::nullopt});
    CHECK(mx.ttl == std::chrono::seconds(60));

    const auto six = readReply(ask(Type::aaaa), data({"\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1"sv}));
    CHECK(six.all<IpAddress>()[0].toText() == "2001:db8::1");
    CHECK(readReply(ask(Type::txt), data({"\3v=S\5TSv1;"sv})).all<Text>()[0].joined == "v=STSv1;");
    CHECK(readReply(ask(Type::tlsa), data({"\3\1\1\xab\xcd"sv})).all<record::Tlsa>()[0] ==
          record::Tlsa{3, 1, 1, {std::byte{0xab}, std::byte{0xcd}}});
    CHECK(std::get<DomainName>(readReply(ask(Type::cname), data({"\1b\4test\0"sv})).records) ==
          name("b.test"));
}

TEST_CASE("RFC 1035 §3.3: one malformed record spoils the answer") {
    struct Row {
        const char* why;
        Type type;
        std::string rdata;
    };
    const Row rows[] = {
        {"three bytes of IPv4", Type::a, "\1\2\3"s},
        {"IPv4 in AAAA", Type::aaaa, "\1\2\3\4"s},
        {"MX without a host", Type::mx, "\0\x0a"s},
        {"a name without its end", Type::mx, "\0\x0a\4mail"s},
        {"a label longer than the rest", Type::mx, "\0\x0a\x3fmail\0"s},
        {"a compression pointer", Type::mx, "\0\x0a\xc0\x0c"s},
        {"bytes after the name", Type::mx, "\0\x0a\1a\0x"s},
        {"a name of more than 255 bytes", Type::mx,
         "\0\1"s +
             [] {
                 std::string labels;
                 for (int i = 0; i < 130; ++i)
                     labels += "\1a";
                 return labels;
             }() +
             "\0"s},
        {"a string longer than the rest", Type::txt, "\5abc"s},
        {"TLSA without data", Type::tlsa, "\3\1\1"s},
        {"an alias of nothing", Type::cname, "\0"s},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        CHECK(readReply(ask(row.type), data({row.rdata})).status == Status::failed);
    }
    CHECK(readReply(ask(Type::a), data({"\1\2\3\4"sv, "\1"sv})).status == Status::failed);
    CHECK(readReply(ask(Type::cname), data({"\1a\0"sv, "\1b\0"sv})).status == Status::failed);
}

TEST_CASE("MX: a host that no host can have is left out and counted") {
    const auto mx =
        readReply(ask(Type::mx), data({"\0\x0a\6a b!.c\0"sv, "\0\x0a\1\xff\0"sv, "\0\x14\2mx\4test\0"sv}));
    CHECK(mx.status == Status::found);
    CHECK(mx.unusable == 2);
    REQUIRE(mx.all<Mx>().size() == 1);
    CHECK(mx.all<Mx>()[0].preference == 20);
}

TEST_CASE("RFC 7672 §2.1.3: the name after all aliases is kept") {
    auto reply = data({"\1\2\3\4"sv});
    reply.canonicalName = "Example.org.";
    CHECK(!readReply(ask(Type::a), reply).canonical);
    reply.canonicalName = "host.example.net";
    CHECK(readReply(ask(Type::a), reply).canonical == name("host.example.net"));
    reply.canonicalName = "ho st.example.net";
    CHECK(readReply(ask(Type::a), reply).status == Status::failed);
}

TEST_CASE("RFC 1035 §3.5, RFC 3596 §2.5: the names of an address") {
    CHECK(reverseQuestion(*IpAddress::parse("192.0.2.10")).name.text() == "10.2.0.192.in-addr.arpa");
    CHECK(reverseQuestion(*IpAddress::parse("2001:db8::1f")).name.text() ==
          "f.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
    const auto question = reverseQuestion(*IpAddress::parse("192.0.2.1"));
    const std::string first = "\4Mail\7example\3org\0"s, second = "\4a%b!\3org\0"s;
    auto reply = data({first, second});
    reply.canonicalName = "1.0/25.2.0.192.in-addr.arpa.";
    const auto answer = readReply(question, reply);
    REQUIRE(answer.all<DomainName>().size() == 1);
    CHECK(answer.all<DomainName>()[0] == name("mail.example.org"));
    CHECK(answer.unusable == 1);
    CHECK(readReply(question, data({"\4Mail"sv})).status == Status::failed);
}

}  // namespace postseal::dns
