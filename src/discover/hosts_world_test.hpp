// For tests: example.org with its signed hosts, policies of MTA-STS, and what comes of them on a host.
#pragma once

#include "discover/zone_test.hpp"

#include <algorithm>
#include <chrono>

namespace postseal::discover::test {

using namespace std::chrono_literals;
using OriginKind = record::Origin::Kind;

inline constexpr auto secure = DnssecStatus::secure;

inline dns::Answer tlsa() {
    return found(std::vector{record::Tlsa{3, 1, 1, base::Bytes(32, std::byte{7})}}, secure);
}

/// example.org with the MX hosts a and b, all of it signed; a has TLSA records.
inline std::shared_ptr<Zone> signedZone() {
    auto zone = zoneOf(mx({"a.example.org", "b.example.org"}, secure));
    for (const auto* name : {"A a.example.org", "A b.example.org"})
        zone->answers[name].dnssec = secure;
    zone->answers["TLSA _25._tcp.a.example.org"] = tlsa();
    zone->answers["TLSA _25._tcp.b.example.org"] =
        dns::Answer{.status = dns::Status::noData, .dnssec = secure, .ttl = 300s};
    return zone;
}

inline std::shared_ptr<const DestinationSettings> daneOn(std::string_view map = {},
                                                         Level level = Level::may) {
    auto settings = std::make_shared<DestinationSettings>(*settingsOf(map, level));
    settings->dane = true;
    return settings;
}

/// An answer of the MTA-STS cache, and how often it was asked for which domain.
struct Sts {
    StsFinding finding = {.ttl = 300s};
    std::vector<std::string> asked = {};
};

inline std::shared_ptr<Sts> policyOf(std::string_view text, std::string note = {}) {
    auto sts = std::make_shared<Sts>();
    if (!text.empty()) sts->finding.policy = policy::parsePolicy(text).value();
    sts->finding.id = "1";
    sts->finding.note = std::move(note);
    return sts;
}

inline constexpr std::string_view enforceA =
    "version: STSv1\nmode: enforce\nmx: a.example.org\nmax_age: 86400\n";
inline constexpr std::string_view testingA =
    "version: STSv1\nmode: testing\nmx: a.example.org\nmax_age: 86400\n";

inline task::Awaitable<StsFinding> tell(std::shared_ptr<Sts> sts, std::string domain) {
    sts->asked.push_back(std::move(domain));
    co_return sts->finding;
}

inline DestinationSources sourcesOf(std::shared_ptr<Zone> zone, const std::shared_ptr<Sts>& sts = {}) {
    DestinationSources sources;
    sources.ask = [zone = std::move(zone)](std::vector<dns::Question> questions) {
        return answer(zone, std::move(questions));
    };
    if (sts)
        sources.findSts = [sts](std::string domain, policy::MailKind) {
            return tell(sts, std::move(domain));
        };
    if (sts) sources.findStsAnew = sources.findSts;
    return sources;
}

inline bool asked(const Zone& zone, std::string_view question) {
    return std::ranges::find(zone.questions, question) != zone.questions.end();
}

/// `dane/dane`, `4.7.5`
inline std::string outcome(const Host& host) {
    if (host.failure) return host.failure->status;
    return std::string(toText(host.requirement.level)) + "/" + toText(host.requirement.origin);
}

inline const record::ClaimNote* noteOf(const Host& host, OriginKind kind) {
    const auto at = std::ranges::find(host.claims, kind, [](const auto& note) { return note.origin.kind; });
    return at == host.claims.end() ? nullptr : &*at;
}

}  // namespace postseal::discover::test
