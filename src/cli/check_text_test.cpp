#include "cli/check_text.hpp"

#include "check/json.hpp"

#include <doctest/doctest.h>

using namespace postseal;
using namespace postseal::cli;
using check::Checked;
using record::Level;
using Kind = record::Origin::Kind;

namespace {

Checked checkedOf(Level level, bool withHandshake) {
    const record::Requirement requirement{.level = level, .origin = {Kind::map}};
    discover::Host host{.name = "mx.x.example", .requirement = requirement};
    host.claims = {{{Kind::map}, level, true, "tls_policy:1"}, {{Kind::standard}, Level::may, false, ""}};
    check::CheckedLeg leg{.domain = "x.example", .nextHop = "x.example"};
    policy::Outlook outlook{.domain = "x.example",
                            .hosts = {{.name = host.name, .requirement = requirement}}};
    if (withHandshake) {
        discover::ProbedAddress probe{
            .isReached = true, .isMet = true, .assurance = record::Assurance::encrypted};
        auto& tls = probe.tls.emplace();
        tls.protocol = "TLSv1.3";
        tls.cipher = "TLS_AES_128_GCM_SHA256";
        tls.group = "X25519";
        leg.probes = {{probe}};
        outlook.hosts.front().tried = {policy::Tried{true, true, record::Assurance::encrypted, {}}};
    }
    leg.destination = std::make_shared<discover::Destination>(discover::Destination{.hosts = {host}});
    leg.forecast = policy::forecast(outlook);
    return {.asked = "x.example",
            .domain = "x.example",
            .legs = {leg},
            .forecast = policy::weakestOf("x.example", {leg.forecast})};
}

bool has(const std::string& text, std::string_view part) {
    INFO(text);
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("check: promise and experience are told apart") {
    const auto promised = checkedOf(Level::encrypt, false);
    CHECK(isFine(promised));
    CHECK(has(forPeople(promised), "promise     encrypted, or it is not sent"));
    CHECK(!has(forPeople(promised), "just now"));
    CHECK(has(forPeople(promised), "* map          encrypt     tls_policy:1"));
    CHECK(has(toJson(promised), R"("verdict":"encrypted","promised":true,"experience":null)"));
    CHECK(has(toJson(promised), R"("tls":null)"));

    auto waiting = promised;
    waiting.forecast.verdict = policy::Verdict::waits;
    CHECK(has(forPeople(waiting), "promise     nothing is sent with less than is demanded"));

    const auto seen = checkedOf(Level::may, true);
    CHECK(!isFine(seen));
    CHECK(has(forPeople(seen), "promise     open: nothing is enforced"));
    CHECK(has(forPeople(seen), "just now    encrypted at the least, with 1 of 1 servers"));
    CHECK(has(forPeople(seen), "TLSv1.3 TLS_AES_128_GCM_SHA256 X25519"));
    CHECK(has(toJson(seen), R"("verdict":"open","promised":false,"experience":{"assurance":"encrypted")"));
    CHECK(has(toJson(seen), R"("tls":{"protocol":"TLSv1.3")"));
}

TEST_CASE("check: a line for each of many domains") {
    auto checked = checkedOf(Level::encrypt, false);
    CHECK(tableRow(checked).starts_with("x.example  "));
    CHECK(has(tableRow(checked), "encrypted  yes      map "));
    checked.asked = "=cmd|'/c calc'!A1";
    checked.forecast = policy::refusedForecast(checked.asked, "it is \"no\" domain\n");
    INFO("a spreadsheet must not take it for a formula, nor the line for two");
    CHECK(csvRow(checked) ==
          "\"'=cmd|'/c calc'!A1\",returns,yes,\"map\",1,\"Mail to =cmd|'/c calc'!A1 would return at "
          "once, because it is \"\"no\"\" domain\\x0a.\"\r\n");
    CHECK(progressBar(1, 4) == "[##########..............................]  1/4");
    CHECK(progressBar(0, 0) == "[########################################]  0/0");
}

TEST_CASE("check: of several ways the weakest is told first, and who is reached by it") {
    auto checked = checkedOf(Level::encrypt, false);
    auto weak = checkedOf(Level::may, false).legs.front();
    weak.domain = "y.example";
    weak.forecast.sentence = "Nothing is promised for mail to y.example.";
    weak.addresses = {"a@y.example", "b@y.example", "c@y.example", "d@y.example"};
    checked.legs.push_back(weak);
    checked.forecast = policy::weakestOf("team@x.example", {checked.legs[0].forecast, weak.forecast});
    const auto text = forPeople(checked);
    CHECK(has(text, "is as safe as the weakest of them. Nothing is promised for mail to y.example."));
    CHECK(has(text, "for         a@y.example, b@y.example, c@y.example and 1 more"));
    CHECK(text.find("open: Nothing is promised") < text.find("encrypted: Mail to x.example"));
    CHECK(!check::isFine(checked));
    CHECK(has(toJson(checked), R"("next_hop":null)"));
    CHECK(has(toJson(checked), R"("legs":[{"domain":"x.example","addresses":[],"next_hop":"x.example")"));
}
