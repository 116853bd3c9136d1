#include "record/json.hpp"

#include <doctest/doctest.h>

using namespace postseal;
using namespace postseal::record;

namespace {

HopRecord fullHop() {
    HopRecord hop;
    hop.time = base::parseRfc3339("2026-11-23T19:38:44.5Z").value();
    hop.direction = Direction::out;
    hop.queueId = QueueId::make(hop.time, 1);
    hop.messageId = "<a\"b@example.org>";
    hop.sender = "sender@example.org";
    hop.peer = {"mx.example.net", base::IpAddress::parse("2001:db8::1"), 25};
    hop.recipients = {{"a@example.net", HopResult::delivered, "250 2.1.5 Ok"},
                      {"b@example.net", HopResult::deferred, ""}};
    hop.requirement = parseRequirement("secure match=mx.example.net also=encrypt/memory origin=map").value();
    hop.claims = {{{Origin::Kind::map}, Level::secure, true, "tls_policy:3"},
                  {{Origin::Kind::alliance, "post"}, Level::verify, false, "\"x\""}};
    hop.assurance = Assurance::authenticated;
    auto& tls = hop.tls.emplace();
    tls.protocol = "TLSv1.3";
    tls.cipher = "TLS_AES_256_GCM_SHA384";
    tls.cipherBits = 256;
    tls.group = "X25519";
    tls.resumed = true;
    tls.serverName = "mx.example.net";
    tls.peer = PeerCertificate{.sha256 = {std::byte{1}},
                               .spki = {std::byte{2}},
                               .subject = "mx.example.net",
                               .issuer = "Some CA",
                               .dnsNames = {"mx.example.net", "*.example.net"},
                               .notBefore = base::fromMicros(0),
                               .notAfter = base::fromMicros(1'800'000'000'000'000),
                               .chainFault = "self-signed certificate"};
    tls.authenticatedBy = Proof::pkix;
    tls.name = "mx.example.net";
    hop.protocol = "ESMTPS";
    hop.user = "user";
    hop.dnssec = DnssecStatus::insecure;
    hop.mxProof = MxProof::mtaSts;
    hop.failure = Why::certificateName;
    hop.result = HopResult::deferred;
    hop.reply = "451 4.3.0 tab\there, \xe2\x82\xac and \x01";
    hop.reason = "line\r\nbreak";
    return hop;
}

}  // namespace

TEST_CASE("json: a hop record reads back") {
    const HopRecord empty;
    HopRecord clear = fullHop();
    clear.tls.reset();
    clear.requirement.reset();
    clear.assurance.reset();
    clear.peer = {"gone.example", std::nullopt, 0};
    HopRecord anonymous = fullHop();
    anonymous.tls->peer.reset();
    for (const auto& hop : {empty, fullHop(), clear, anonymous}) {
        const auto json = toJson(hop);
        INFO(json);
        const auto parsed = parseHop(json);
        REQUIRE_MESSAGE(parsed, (parsed ? "" : parsed.error()));
        CHECK(*parsed == hop);
    }
}

TEST_CASE("json: the keys that outside programs rely on") {
    const auto json = toJson(fullHop());
    for (const std::string_view part :
         {R"("time":"2026-11-23T19:38:44.500000Z")", R"("direction":"out")", R"("local":false)",
          R"("peer":{"name":"mx.example.net","address":"2001:db8::1","port":25})",
          R"("recipients":["a@example.net","b@example.net"])",
          R"("requirement":{"level":"secure","origin":"map","also":[{"level":"encrypt","origin":"memory"}])",
          R"("claims":[{"origin":"map","level":"secure","won":true,"detail":"tls_policy:3"},)",
          R"("assurance":"authenticated")", R"("user":"user")",
          R"("forward_secrecy":true,"post_quantum":false)",
          R"("mx_proof":"mta-sts","failure":"certificate-host-mismatch","cause":"certificate-name")",
          R"("tls":{"protocol":"TLSv1.3","cipher":)", R"("certificate_sha256":"0100)",
          R"("spki_sha256":"0200)", R"("resumed":true)", R"("authenticated_by":"pkix")",
          R"("result":"deferred")", R"("reply":"451 4.3.0 tab\there)", R"("reason":"line\r\nbreak")"}) {
        INFO(part);
        CHECK(json.find(part) != std::string::npos);
    }
    const auto none = toJson(HopRecord{});
    CHECK(none.find(R"("claims":[],"assurance":null,"tls":null)") != std::string::npos);
    CHECK(none.find(R"("user":null)") != std::string::npos);
}

TEST_CASE("json: strings are quoted, and bytes that are no UTF-8 replaced") {
    struct Row {
        std::string_view why;
        std::string_view text;
        std::string_view json;
    };
    const Row rows[] = {
        {"plain", "abc", R"("abc")"},
        {"signs", "a\"b\\c/", R"("a\"b\\c/")"},
        {"controls", std::string_view("\0\n\x1f\x7f", 4), R"("\u0000\n\u001f\u007f")"},
        {"UTF-8 stays", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\""},
        {"a lone byte", "a\xe9z", "\"a\xef\xbf\xbdz\""},
        {"overlong", "\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\""},
        {"surrogate", "\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
        {"beyond Unicode", "\xf4\x90\x80\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
        {"cut off", "\xe2\x82", "\"\xef\xbf\xbd\xef\xbf\xbd\""},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        CHECK(quotedJson(row.text) == row.json);
    }
}

TEST_CASE("json: unknown keys are tolerated, wrong types refused") {
    CHECK(parseHop(R"({"time":"2026-11-23T19:38:44Z","new":[1,{}],"peer":{"colour":3}})"));
    CHECK(parseHop("{}").value() == HopRecord{});
    std::string deep;
    for (int i = 0; i < 10'000; ++i)
        deep += R"({"a":)";
    for (const std::string& bad :
         {std::string(), std::string("[]"), std::string("{"), std::string(R"({"time":5})"),
          std::string(R"({"time":"noon"})"), std::string(R"({"local":"yes"})"), std::string(R"({"peer":[]})"),
          std::string(R"({"peer":{"port":65536}})"), std::string(R"({"peer":{"address":"here"}})"),
          std::string(R"({"outcomes":[1]})"), std::string(R"({"claims":[1]})"),
          std::string(R"({"claims":[{"origin":"me"}]})"), std::string(R"({"result":"sent"})"),
          std::string(R"({"tls":{"certificate_sha256":"aa"}})"),
          std::string(R"({"requirement":{"text":"secrue"}})"), deep}) {
        INFO(bad.substr(0, 80));
        const auto hop = parseHop(bad);
        CHECK_FALSE(hop);
        if (!hop) CHECK_FALSE(hop.error().empty());
    }
}
