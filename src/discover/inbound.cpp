#include "discover/inbound.hpp"

#include "discover/client_name.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <utility>

namespace postseal::discover {
namespace {

using policy::ClientName;
using policy::ClientTlsa;
using policy::DomainHosts;
using policy::InboundFacts;
using policy::InboundRule;
using policy::InboundVerdict;
using record::DnssecStatus;
using task::Awaitable;

/// Of whom the rules are: whoever brings the mail, or the domain that it names alone.
enum class Scope { message, author };

bool bindsMxNames(const InboundRule& rule) {
    return std::ranges::any_of(
        rule.match, [](const auto& each) { return each.kind == record::NamePattern::Kind::hostname; });
}

/// Why nothing can be judged; empty: it can.
std::string missing(const InboundPolicy& policy) {
    if (!policy.map) return "there is no valid map of inbound policy";
    return policy.alliances ? policy.alliances->missing : std::string();
}

/// Of a domain that From names its own rules speak, and what is exempt stays so.
bool isOfAuthor(const InboundRule& rule) {
    using Kind = policy::InboundKey::Kind;
    return rule.key.kind == Kind::domain || rule.key.kind == Kind::parent ||
           rule.level == policy::InboundLevel::exempt;
}

bool isListed(const InboundPolicy& policy, const std::string& domain) {
    if (policy.map->ofDomain(domain) != nullptr) return true;
    return policy.alliances && policy.alliances->rulesOf && !policy.alliances->rulesOf(domain).empty();
}

std::vector<InboundRule> rulesOf(const InboundPolicy& policy, const InboundFacts& facts, Scope scope) {
    auto rules = rulesFor(*policy.map, facts.client, facts.domain);
    if (scope == Scope::author) std::erase_if(rules, [](const auto& rule) { return !isOfAuthor(rule); });
    if (policy.alliances && policy.alliances->rulesOf && !facts.domain.empty())
        std::ranges::move(policy.alliances->rulesOf(facts.domain), std::back_inserter(rules));
    return rules;
}

bool hangsOnName(const InboundPolicy& policy, const std::vector<InboundRule>& rules) {
    return policy.map->hasNameKeys() || std::ranges::any_of(rules, [](const auto& rule) {
               return !rule.hosts.names.empty() || !rule.forwarders.names.empty();
           });
}

Awaitable<DomainHosts> hostsOf(Ask ask, std::string domain) {
    const auto name = base::DomainName::parse(domain);
    if (!name) co_return DomainHosts{DomainHosts::Status::insecure, {}, {}};
    std::vector<dns::Question> questions{{*name, dns::Type::mx}};
    const auto answers = co_await ask(std::move(questions));
    const auto& answer = answers.front();
    if (answer.status == dns::Status::failed)
        co_return DomainHosts{DomainHosts::Status::failed, {}, answer.why};
    const bool isSecure = answer.dnssec == DnssecStatus::secure;
    DomainHosts hosts{isSecure ? DomainHosts::Status::secure : DomainHosts::Status::insecure, {}, {}};
    for (const auto& mx : answer.all<dns::Mx>())
        if (mx.host) hosts.names.push_back(mx.host->text());
    co_return hosts;
}

ClientTlsa tlsaFrom(const dns::Answer& answer, const ClientEvidence& evidence) {
    using Status = ClientTlsa::Status;
    if (answer.status == dns::Status::failed) return {Status::failed, answer.why};
    const auto records = answer.all<record::Tlsa>();
    if (records.empty()) return {Status::none, "it has no TLSA records"};
    if (answer.dnssec != DnssecStatus::secure)
        return {Status::none, "DNSSEC does not prove its TLSA records"};
    if (evidence.fitsTlsa && evidence.fitsTlsa({records.begin(), records.end()})) return {Status::proves, {}};
    return {Status::otherCertificate, "its TLSA records don't fit the certificate"};
}

using KnownTlsa = std::map<std::string, ClientTlsa>;

Awaitable<KnownTlsa> tlsaOf(Ask ask, std::shared_ptr<const ClientEvidence> evidence,
                            std::vector<std::string> names) {
    constexpr std::size_t most = 4;  // a certificate's names are its owner's to choose
    names.resize(std::min(names.size(), most));
    std::vector<dns::Question> questions;
    for (const auto& name : names)
        if (auto owner = base::DomainName::parse("_smtp-client." + name))
            questions.push_back({std::move(*owner), dns::Type::tlsa});
    KnownTlsa known;
    if (questions.empty()) co_return known;
    const auto asked = questions;
    const auto answers = co_await ask(std::move(questions));
    constexpr std::string_view label = "_smtp-client.";
    for (std::size_t i = 0; i < asked.size(); ++i)
        known.emplace(asked[i].name.text().substr(label.size()), tlsaFrom(answers[i], *evidence));
    co_return known;
}

/// Asks for what the rules hang on, and judges.
Awaitable<InboundVerdict> judgeFor(SharedInboundPolicy policy, Ask ask,
                                   std::shared_ptr<const ClientEvidence> evidence, std::string domain,
                                   Scope scope) {
    InboundFacts facts{.client = evidence->client, .domain = std::move(domain)};
    auto rules = rulesOf(*policy, facts, scope);
    if (facts.client.name.status == ClientName::Status::notAsked && hangsOnName(*policy, rules)) {
        facts.client.name = co_await clientName(ask, facts.client.address);
        rules = rulesOf(*policy, facts, scope);
    }
    facts.ifNamed = ruleIfNamed(*policy->map, facts.client);
    if (scope == Scope::author && facts.ifNamed && !isOfAuthor(*facts.ifNamed)) facts.ifNamed.reset();

    const bool hasCertificate = facts.client.certificate() != nullptr;
    if (hasCertificate && !facts.domain.empty() && std::ranges::any_of(rules, bindsMxNames))
        facts.hosts = co_await hostsOf(ask, facts.domain);
    std::vector<std::string> names;
    for (const auto& rule : rules)
        if (hasCertificate && rule.level == policy::InboundLevel::dane)
            std::ranges::move(boundNames(rule, facts), std::back_inserter(names));
    const auto known = co_await tlsaOf(ask, evidence, std::move(names));
    facts.tlsa = [&known](const std::string& name) {
        const auto found = known.find(name);
        return found == known.end() ? ClientTlsa{ClientTlsa::Status::none, "it was not looked up"}
                                    : found->second;
    };
    co_return judge(rules, facts);
}

/// The domains whose client the certificate may prove, where nobody says for whom he speaks.
std::vector<std::string> candidates(const InboundPolicy& policy, const policy::InboundClient& client) {
    std::vector<std::string> domains;
    const auto* certificate = client.certificate();
    if (certificate == nullptr) return domains;
    for (const auto* rule : policy.map->thatName(*certificate))
        domains.push_back(rule->key.kind == policy::InboundKey::Kind::domain ? rule->key.text
                                                                             : "any" + rule->key.text);
    if (policy.alliances && policy.alliances->membersOf)
        std::ranges::move(policy.alliances->membersOf(*certificate), std::back_inserter(domains));
    return domains;
}

}  // namespace

bool InboundPolicy::needsCertificates() const {
    return (map && map->needsCertificates()) || ownRelays.needCertificates() ||
           (alliances && alliances->needCertificates);
}

bool InboundPolicy::isEmpty() const {
    return map && map->empty() && !alliances;
}

Awaitable<InboundVerdict> judgeInbound(SharedInboundPolicy policy, Ask ask, ClientEvidence evidence,
                                       std::string domain) {
    if (auto why = missing(*policy); !why.empty()) co_return policy::withoutPolicy(std::move(why));
    if (policy->isEmpty()) co_return policy::judge({}, {.domain = std::move(domain)});
    const auto shared = std::make_shared<const ClientEvidence>(std::move(evidence));
    if (domain.empty()) {
        // Reports come with a null sender: those of a listed domain's proven client are as its other mail.
        for (const auto& candidate : candidates(*policy, shared->client)) {
            auto verdict = co_await judgeFor(policy, ask, shared, candidate, Scope::message);
            if (verdict.identity && verdict.outcome == InboundVerdict::Outcome::accepted) co_return verdict;
        }
    }
    co_return co_await judgeFor(std::move(policy), std::move(ask), shared, std::move(domain), Scope::message);
}

Awaitable<InboundVerdict> judgeAuthor(SharedInboundPolicy policy, Ask ask, ClientEvidence evidence,
                                      std::string domain) {
    if (auto why = missing(*policy); !why.empty()) co_return policy::withoutPolicy(std::move(why));
    if (!isListed(*policy, domain)) co_return policy::judge({}, {.domain = std::move(domain)});
    const auto shared = std::make_shared<const ClientEvidence>(std::move(evidence));
    co_return co_await judgeFor(std::move(policy), std::move(ask), shared, std::move(domain), Scope::author);
}

}  // namespace postseal::discover
