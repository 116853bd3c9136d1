#include "discover/inbound.hpp"

#include "discover/client_name.hpp"
#include "discover/zone_test.hpp"

using namespace postseal;
using namespace postseal::discover;
using policy::ClientName;
using policy::InboundVerdict;
using record::DnssecStatus;

namespace {

SharedInboundPolicy policyOf(std::string_view map,
                             std::shared_ptr<const AllianceDemands> alliances = nullptr) {
    auto parsed = policy::InboundMap::parse(map, "map", [](const std::string&) {
        return base::Result<record::Anchors, std::string>(record::Anchors{});
    });
    REQUIRE(parsed.has_value());
    return std::make_shared<const InboundPolicy>(InboundPolicy{
        std::make_shared<const policy::InboundMap>(std::move(*parsed)), {}, std::move(alliances)});
}

ClientEvidence client(std::vector<std::string> names = {}) {
    ClientEvidence evidence;
    evidence.client.address = *base::IpAddress::parse("192.0.2.7");
    evidence.client.tls = policy::ClientTls{record::Protocol::tls13, "TLS_AES_256_GCM_SHA384", 256, true, {}};
    if (names.empty()) return evidence;
    evidence.client.tls->certificate = policy::ClientCertificate{.names = std::move(names)};
    evidence.client.chainFault = [](const auto&) { return std::string(); };
    return evidence;
}

template <class Result>
Result await(task::Awaitable<Result> awaitable) {
    task::Core core(0, {});
    auto result = boost::asio::co_spawn(core.context, std::move(awaitable), boost::asio::use_future);
    core.context.run();
    return result.get();
}

Ask by(const std::shared_ptr<test::Zone>& zone) {
    return [zone](std::vector<dns::Question> questions) { return test::answer(zone, std::move(questions)); };
}

std::string verdictOn(const SharedInboundPolicy& policy, const std::shared_ptr<test::Zone>& zone,
                      ClientEvidence evidence, std::string domain) {
    const auto verdict = await(judgeInbound(policy, by(zone), std::move(evidence), std::move(domain)));
    return std::string(toText(verdict.outcome));
}

const char* const pointer = "PTR 7.2.0.192.in-addr.arpa";

dns::Answer names(const char* name) {
    return test::found(std::vector{*base::DomainName::parse(name)});
}

dns::Answer addresses(const char* address) {
    return test::found(std::vector{*base::IpAddress::parse(address)});
}

}  // namespace

TEST_CASE("judgeInbound: nobody is asked where no rule hangs on it") {
    const auto zone = std::make_shared<test::Zone>();
    CHECK(verdictOn(policyOf(""), zone, client(), "partner.example") == "accepted");
    CHECK(verdictOn(policyOf("partner.example verify match=mx.partner.example"), zone,
                    client({"mx.partner.example"}), "partner.example") == "accepted");
    CHECK(verdictOn(policyOf("partner.example verify"), zone, client(), "partner.example") == "refused");
    CHECK(zone->asked == 0);
}

TEST_CASE("judgeInbound: MX names bind where DNSSEC proves them, and an error defers (rule 60)") {
    const auto policy = policyOf("partner.example verify");
    const auto zone = std::make_shared<test::Zone>();
    auto& mx = zone->answers["MX partner.example"];
    mx = test::mx({"mx.partner.example"}, DnssecStatus::secure);
    CHECK(verdictOn(policy, zone, client({"mx.partner.example"}), "partner.example") == "accepted");
    CHECK(verdictOn(policy, zone, client({"mx.tenant.example"}), "partner.example") == "refused");
    mx.dnssec = DnssecStatus::insecure;
    CHECK(verdictOn(policy, zone, client({"mx.partner.example"}), "partner.example") == "refused");
    mx = dns::failed("SERVFAIL");
    CHECK(verdictOn(policy, zone, client({"mx.partner.example"}), "partner.example") == "deferred");
}

TEST_CASE("judgeInbound: the client's name is asked for, and must lead back") {
    const auto policy = policyOf("client:.friend.example exempt\npartner.example refuse");
    const auto zone = std::make_shared<test::Zone>();
    CHECK(verdictOn(policy, zone, client(), "partner.example") == "refused");
    zone->answers[pointer] = names("a.friend.example");
    CHECK(verdictOn(policy, zone, client(), "partner.example") ==
          "refused");  // anybody can write a PTR record
    zone->answers["A a.friend.example"] = addresses("192.0.2.7");
    CHECK(verdictOn(policy, zone, client(), "partner.example") == "accepted");
    zone->answers["A a.friend.example"] = dns::failed("timeout");
    CHECK(verdictOn(policy, zone, client(), "partner.example") == "deferred");
    CHECK(verdictOn(policy, zone, client(), "other.example") == "accepted");  // for whom it changes nothing
    zone->answers[pointer] = names("a.stranger.example");
    CHECK(verdictOn(policy, zone, client(), "partner.example") == "refused");
}

TEST_CASE("judgeInbound: TLSA records of the client, in a signed zone, of a bound name") {
    const auto policy = policyOf("partner.example dane match=mx.partner.example");
    const auto zone = std::make_shared<test::Zone>();
    auto evidence = client({"mx.partner.example"});
    evidence.fitsTlsa = [](const auto& records) { return records.size() == 1; };
    CHECK(verdictOn(policy, zone, evidence, "partner.example") == "refused");
    auto& tlsa = zone->answers["TLSA _smtp-client.mx.partner.example"];
    tlsa = test::found(std::vector{record::Tlsa{}}, DnssecStatus::secure);
    CHECK(verdictOn(policy, zone, evidence, "partner.example") == "accepted");
    tlsa.dnssec = DnssecStatus::insecure;
    CHECK(verdictOn(policy, zone, evidence, "partner.example") == "refused");
    tlsa = dns::failed("SERVFAIL");
    CHECK(verdictOn(policy, zone, evidence, "partner.example") == "deferred");
    evidence.fitsTlsa = [](const auto&) { return false; };
    tlsa = test::found(std::vector{record::Tlsa{}}, DnssecStatus::secure);
    CHECK(verdictOn(policy, zone, evidence, "partner.example") == "refused");
}

TEST_CASE("judgeInbound: a null sender is judged by its client (rule 59)") {
    const auto policy = policyOf("partner.example verify match=mx.partner.example\n* refuse");
    const auto zone = std::make_shared<test::Zone>();
    CHECK(verdictOn(policy, zone, client({"mx.partner.example"}), "") == "accepted");
    CHECK(verdictOn(policy, zone, client({"mx.tenant.example"}), "") == "refused");
    CHECK(verdictOn(policy, zone, client(), "") == "refused");
}

TEST_CASE("judgeInbound: alliances are joined, and mail waits while they are not known") {
    const auto zone = std::make_shared<test::Zone>();
    auto demands = std::make_shared<AllianceDemands>();
    demands->rulesOf = [](const std::string& domain) {
        policy::InboundRule rule{.key = {policy::InboundKey::Kind::domain, domain},
                                 .level = policy::InboundLevel::verify,
                                 .origin = {record::Origin::Kind::alliance, "post"},
                                 .match = {{record::NamePattern::Kind::exact, "mx.member.example"}}};
        return domain == "member.example" ? std::vector{rule} : std::vector<policy::InboundRule>();
    };
    demands->membersOf = [](const auto&) { return std::vector<std::string>{"member.example"}; };
    const auto policy = policyOf("client:192.0.2.0/24 exempt", demands);
    CHECK(verdictOn(policy, zone, client(), "member.example") == "refused");
    CHECK(verdictOn(policy, zone, client({"mx.member.example"}), "member.example") == "accepted");
    CHECK(verdictOn(policyOf("* refuse", demands), zone, client({"mx.member.example"}), "") == "accepted");
    CHECK(verdictOn(policyOf("* refuse", demands), zone, client({"mx.other.example"}), "") == "refused");
    demands->missing = "the store can't be read";
    CHECK(verdictOn(policy, zone, client({"mx.member.example"}), "member.example") == "deferred");
    CHECK(verdictOn(std::make_shared<InboundPolicy>(), zone, client(), "any.example") == "deferred");
}

TEST_CASE("judgeAuthor: a listed domain in From is judged by its own rules, others are not (rule 59)") {
    const auto policy = policyOf("partner.example verify match=mx.partner.example\n* refuse\n"
                                 "client:198.51.100.0/24 exempt");
    const auto zone = std::make_shared<test::Zone>();
    const auto author = [&](ClientEvidence evidence, const char* domain) {
        return std::string(toText(await(judgeAuthor(policy, by(zone), std::move(evidence), domain)).outcome));
    };
    CHECK(author(client(), "partner.example") == "refused");
    CHECK(author(client({"mx.partner.example"}), "partner.example") == "accepted");
    CHECK(author(client(), "elsewhere.example") == "accepted");
    auto exempt = client();
    exempt.client.address = *base::IpAddress::parse("198.51.100.1");
    CHECK(author(exempt, "partner.example") == "accepted");
    CHECK(zone->asked == 0);
}
