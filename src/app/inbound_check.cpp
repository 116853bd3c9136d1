#include "app/inbound_check.hpp"

#include "app/load.hpp"
#include "discover/inbound.hpp"
#include "net/resolver.hpp"
#include "policy/inbound_words.hpp"
#include "task/cores.hpp"
#include "task/spawn.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <memory>
#include <utility>

namespace postseal::app {
namespace {

using policy::InboundLevel;
using policy::InboundVerdict;
using Verdict = InboundChecked::Verdict;

/// No client is supposed: what each rule demands.
InboundChecked demands(const policy::InboundMap& map, const std::string& domain) {
    auto rules = rulesFor(map, {}, domain);
    std::erase_if(rules, [](const auto& rule) { return rule.key.kind == policy::InboundKey::Kind::network; });
    InboundChecked checked{.domain = domain, .verdict = Verdict::accepted};
    for (auto& note : policy::judge(rules, {.domain = domain}).rules) {
        note.fault = policy::InboundFault::none;
        if (note.won) note.found = demandOf(note.rule, domain);
        checked.rules.push_back(std::move(note));
    }
    const auto first = std::ranges::find(checked.rules, true, &policy::RuleNote::won);
    if (first == checked.rules.end()) {
        checked.sentence =
            fmt::format("Of mail from {} nothing is demanded, unless a rule speaks of its client.", domain);
        return checked;
    }
    const auto level = first->rule.level;
    if (level == InboundLevel::refuse)
        checked.verdict = Verdict::refused;
    else if (level != InboundLevel::may && level != InboundLevel::exempt)
        checked.verdict = Verdict::unknown;
    const bool isTested = first->rule.mode == policy::InboundMode::testing;
    if (isTested) checked.verdict = Verdict::testing;
    checked.sentence =
        fmt::format("Of mail from {} is demanded: {} (by {}{}).", domain, first->found, first->rule.where,
                    isTested ? ", in testing: it is taken all the same" : "");
    return checked;
}

discover::ClientEvidence evidenceOf(const SupposedClient& client) {
    discover::ClientEvidence evidence;
    evidence.client.address = client.address;
    evidence.client.tls = policy::ClientTls{record::Protocol::tls13, "TLS_AES_256_GCM_SHA384", 256, true, {}};
    if (client.name.empty()) return evidence;
    evidence.client.tls->certificate = policy::ClientCertificate{.names = {client.name}};
    evidence.client.chainFault = [](const auto&) { return std::string(); };
    return evidence;
}

task::Awaitable<void> judgeInto(std::promise<InboundVerdict>* promise, discover::SharedInboundPolicy policy,
                                discover::Ask ask, discover::ClientEvidence evidence, std::string domain) {
    promise->set_value(
        co_await judgeInbound(std::move(policy), std::move(ask), std::move(evidence), std::move(domain)));
}

Verdict verdictOf(const InboundVerdict& verdict) {
    switch (verdict.outcome) {
    case InboundVerdict::Outcome::accepted: return Verdict::accepted;
    case InboundVerdict::Outcome::testing: return Verdict::testing;
    case InboundVerdict::Outcome::refused: return Verdict::refused;
    case InboundVerdict::Outcome::deferred: break;
    }
    return Verdict::unknown;
}

base::Result<InboundVerdict, std::string> ask(const net::ResolverSettings& settings,
                                              discover::SharedInboundPolicy policy,
                                              discover::ClientEvidence evidence, const std::string& domain) {
    task::Cores cores(1, log::Log());
    auto resolver = net::Resolver::make(settings, cores[0]);
    if (!resolver) return base::fail(base::toText(resolver.error()));
    std::promise<InboundVerdict> promise;
    auto verdict = promise.get_future();
    cores.start();
    task::spawn(
        cores[0],
        judgeInto(&promise, std::move(policy), discover::askBy(**resolver), std::move(evidence), domain),
        "check");
    auto found = verdict.get();
    cores.cancelAll();
    cores.waitUntilEmpty(std::chrono::seconds(5));
    resolver->reset();
    cores.stop();
    return found;
}

}  // namespace

base::Result<InboundChecked, std::string> checkInbound(const std::string& configFile,
                                                       const std::string& domain,
                                                       const std::optional<SupposedClient>& client) {
    const auto loaded = load(configFile, config::Purpose::look);
    if (!loaded) return base::fail(loaded.error());
    const auto& settings = (*loaded)->settings;
    const auto map = readInboundMap(settings.inbound);
    if (!map) return base::fail(map.error());
    if (!client) return demands(**map, domain);

    auto evidence = evidenceOf(*client);
    if (const auto relay = ownRelay(settings.inbound.ownRelays, evidence.client))
        return InboundChecked{
            domain,
            Verdict::accepted,
            fmt::format("The client is our own relay ({}): its mail is not judged here.", *relay),
            {}};
    const auto policy = std::make_shared<const discover::InboundPolicy>(
        discover::InboundPolicy{*map, settings.inbound.ownRelays});
    auto verdict = ask(settings.resolver, policy, std::move(evidence), domain);
    if (!verdict) return base::fail(verdict.error());
    return InboundChecked{domain, verdictOf(*verdict), std::move(verdict->sentence),
                          std::move(verdict->rules)};
}

}  // namespace postseal::app
