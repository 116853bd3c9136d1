#include "discover/outbound.hpp"

#include "discover/local_policy.hpp"
#include "net/key_probe.hpp"
#include "task/spawn.hpp"

#include <future>
#include <utility>

namespace postseal::discover {
namespace {

MtaStsSettings mtaStsSettings(const OutboundSettings& settings) {
    const auto& route = settings.destinations->route;
    return {.isOn = settings.mtaSts,
            .fetch = std::make_shared<const StsFetchSettings>(
                StsFetchSettings{.allowed = route.allowed, .ourEndpoints = route.ourEndpoints}),
            .trust = settings.trust};
}

using Told = std::promise<SelfTestVerdict>;

task::Awaitable<void> testOnce(Ask ask, SelfTest names, std::shared_ptr<Told> told) {
    told->set_value(co_await ResolverWatch::test(std::move(ask), std::move(names), std::chrono::seconds(0)));
}

}  // namespace

Outbound::Outbound(task::Cores& cores, net::Resolver& resolver, store::Writer* writer,
                   OutboundSettings settings, log::Log log)
    : home_(cores[0]), ask_(askBy(resolver)), log_(log), selfTest_(settings.selfTest),
      resolver_(settings.resolver),
      mtaSts_(home_, resolver, writer, mtaStsSettings(settings), log.as("mta-sts")), memory_(settings.memory),
      alliances_(settings.alliances), parts_(cores, [&](task::Core&) { return makePart(settings); }) {}

std::unique_ptr<Outbound::Part> Outbound::makePart(const OutboundSettings& settings) {
    DestinationSources sources{
        .ask = ask_,
        .findSts = [this](std::string domain,
                          policy::MailKind kind) { return mtaSts_.find(std::move(domain), kind); },
        .findStsAnew = [this](std::string domain,
                              policy::MailKind kind) { return mtaSts_.findAnew(std::move(domain), kind); },
        .local =
            [this](const Query& query, base::Timestamp now) {
                return localPolicyOf(exceptions_, alliances_, memory_, query, now);
            },
        .daneHistory = &daneHistory_};
    return std::unique_ptr<Part>(new Part{Destinations(std::move(sources), settings.destinations),
                                          net::SmtpDialer(settings.dialer, settings.trust)});
}

Outbound::News Outbound::load(store::Readers& readers) {
    News news;
    const auto note = [&](const auto& done) {
        if (!done && !news.trouble) news.trouble = done.error();
        return done.has_value();
    };
    if (!arePoliciesLoaded_) arePoliciesLoaded_ = note(mtaSts_.load(readers));
    if (!daneHistory_.isLoaded()) note(daneHistory_.load(readers));
    if (auto read = memory_.load(readers); note(read)) news.memories = std::move(*read);
    if (auto read = exceptions_.load(readers); note(read)) news.exceptions = std::move(*read);
    if (const auto read = alliances_.load(readers); note(read)) news.alliances = *read;
    return news;
}

void Outbound::startEmpty() {
    mtaSts_.startEmpty();
    memory_.startEmpty();
    exceptions_.startEmpty();
    alliances_.startEmpty();
    daneHistory_.startEmpty();
}

void Outbound::start() {
    mtaSts_.start();
    if (!selfTest_) return;
    resolverTested(ResolverHealth::pending);
    const auto why = [this] { return net::whyNothingValidates(&home_, resolver_); };
    const auto tell = [this](ResolverHealth health) { resolverTested(health); };
    task::spawn(home_, ResolverWatch::run(ask_, *selfTest_, why, tell, log_.as("dns")),
                "resolver's self-test");
}

std::optional<SelfTestVerdict> Outbound::testResolver(std::chrono::milliseconds patience) {
    if (!selfTest_) return std::nullopt;
    auto told = std::make_shared<Told>();
    auto verdict = told->get_future();
    task::spawn(home_, testOnce(ask_, *selfTest_, told), "resolver's self-test");
    if (verdict.wait_for(patience) != std::future_status::ready) return std::nullopt;
    auto found = verdict.get();
    resolverTested(found.health);
    return found;
}

void Outbound::resolverTested(ResolverHealth health) {
    parts_.forEach([health](Part& part) { part.destinations.resolverTested(health); });
}

void Outbound::adopt(const OutboundSettings& settings) {
    memory_.replace(settings.memory);
    alliances_.replace(settings.alliances);
    mtaSts_.adopt(mtaStsSettings(settings));
    parts_.forEach([dialer = settings.dialer, trust = settings.trust](Part& part) {
        part.dialer.replace(dialer, trust);
    });
    adoptPolicy(settings.destinations);
}

void Outbound::adoptPolicy(std::shared_ptr<const DestinationSettings> settings) {
    parts_.forEach([settings = std::move(settings)](Part& part) { part.destinations.replace(settings); });
}

void Outbound::forget(const std::string& domain) {
    parts_.forEach([domain](Part& part) { part.destinations.forget(domain); });
}

void Outbound::forgetAll() {
    parts_.forEach([](Part& part) { part.destinations.replace(part.destinations.settings()); });
}

}  // namespace postseal::discover
