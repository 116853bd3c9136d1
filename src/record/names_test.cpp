// The closed sets of words, queue ids and TLSA records: text forms read back.
#include "record/hop.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace postseal;
using namespace postseal::record;

namespace {

template <class Enum, class Parse>
void readsBack(int count, Parse parse) {
    for (int i = 0; i < count; ++i) {
        const auto value = static_cast<Enum>(i);
        INFO(toText(value));
        CHECK(parse(toText(value)) == value);
    }
    CHECK_FALSE(parse("nonsense"));
    CHECK_FALSE(parse(""));
}

}  // namespace

TEST_CASE("words of closed sets read back") {
    readsBack<Assurance>(3, parseAssurance);
    readsBack<Level>(8, parseLevel);
    readsBack<Proof>(6, parseProof);
    readsBack<Direction>(2, parseDirection);
    readsBack<HopResult>(5, parseHopResult);
    readsBack<DnssecStatus>(4, parseDnssecStatus);
    readsBack<MxProof>(5, parseMxProof);
    readsBack<CipherGrade>(3, parseCipherGrade);
    for (const auto protocol : {Protocol::tls10, Protocol::tls11, Protocol::tls12, Protocol::tls13})
        CHECK(parseProtocol(toText(protocol)) == protocol);
}

TEST_CASE("origins read back, an alliance with its name") {
    for (int kind = 0; kind < 11; ++kind) {
        Origin origin{static_cast<Origin::Kind>(kind)};
        if (origin.kind == Origin::Kind::alliance) origin.alliance = "post";
        INFO(toText(origin));
        CHECK(parseOrigin(toText(origin)) == origin);
    }
    CHECK_FALSE(parseOrigin("alliance"));
    CHECK_FALSE(parseOrigin("alliance:"));
}

TEST_CASE("queue ids: 15 characters, sorted by time, told apart by their sequence") {
    const auto time = base::parseRfc3339("2026-11-23T19:38:44.123456Z").value();
    const auto first = QueueId::make(time, 7);
    CHECK(first.text().size() == QueueId::length);
    CHECK(QueueId::parse(first.text()) == first);
    CHECK(first.time() == time);
    CHECK(first.sequence() == 7);
    CHECK(first < QueueId::make(time, 8));
    CHECK(QueueId::make(time, 4'000'000) < QueueId::make(time + base::Microseconds(1), 0));
    CHECK(QueueId::make(base::fromMicros(0), 0) < first);
    CHECK(first < QueueId::make(base::parseRfc3339("2999-01-01").value(), 0));
    CHECK(std::ranges::none_of(first.text(), [](char c) {
        return std::string_view("aeiouAEIOU: ").find(c) != std::string_view::npos;
    }));
    for (const std::string_view bad :
         {"", "0123456789", "0123456789BCDFA", "0123456789BCDFGH", "0123456789BCD:F"}) {
        INFO(bad);
        CHECK_FALSE(QueueId::parse(bad));
    }
    CHECK(makeMessageId(first, "mx.example.org") == "<" + first.text() + "@mx.example.org>");
}

TEST_CASE("TLSA records read back; half a byte and missing fields do not") {
    const Tlsa record{3, 1, 1, base::parseHex("6f3a").value()};
    CHECK(toText(record) == "3,1,1,6f3a");
    CHECK(parseTlsa("3,1,1,6f3a") == record);
    for (const std::string_view bad :
         {"", "3", "3,1,1", "3,1,1,6f3", "256,1,1,aa", "-1,1,1,aa", "3 1 1 aa"}) {
        INFO(bad);
        CHECK_FALSE(parseTlsa(bad));
    }
}

TEST_CASE("the log's tls= field says wanted and got") {
    CHECK(wantedAndGot(Requirement{Level::secure}, Assurance::authenticated) == "secure/authenticated");
    CHECK(wantedAndGot(Requirement{Level::may}, Assurance::cleartext) == "may/cleartext");
    CHECK(wantedAndGot(Requirement{Level::secure}, std::nullopt) == "secure/-");
    CHECK(wantedAndGot(std::nullopt, Assurance::encrypted) == "-/encrypted");
}
