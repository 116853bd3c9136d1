#include "app/outbound.hpp"

#include "app/outbound_settings.hpp"
#include "policy/alliance_set.hpp"

#include <fmt/core.h>

#include <array>
#include <tuple>
#include <utility>

namespace postseal::app {

Outbound::Outbound(const Ground& ground, const std::shared_ptr<const Loaded>& loaded)
    : writer_(ground.writer), readers_(ground.readers), log_(ground.log), loaded_(loaded),
      known_(ground.cores, ground.resolver, &ground.writer, outboundSettings(*loaded, nullptr), ground.log) {}

Resident::Done Outbound::open() {
    if (const auto news = known_.load(readers_); news.trouble) {
        wasMissing_ = true;
        return base::fail("what is kept of destinations can't be read, so that nothing is known of any: " +
                          base::toText(*news.trouble));
    }
    if (!wasMissing_) return {};
    forgetAll();  // what was decided without
    return {};
}

/// What an administrator's command changed of memories, exceptions and alliances.
Resident::Done Outbound::tick(const Now& now) {
    const auto news = known_.load(readers_);
    for (const auto& [domain, memory, revision] : news.memories) {
        if (memory.accepted)
            log_.info(log::Line().text(fmt::format("memory of {} begins anew, by {}: {}", domain,
                                                   memory.accepted->by, memory.accepted->reason)));
        changed(domain);
    }
    for (const auto& [exception, endedBy, revision] : news.exceptions) {
        const auto what = policy::inWords(exception);
        log_.info(log::Line().text(
            endedBy.empty() ? fmt::format("exception for {}: {}", exception.domain, what)
                            : fmt::format("exception for {} ended by {}", exception.domain, endedBy)));
        changed(exception.domain);
    }
    // A list that ends changes what holds, too.
    const bool hasEnded = nextEnd_ && *nextEnd_ <= now.calendar;
    if (const auto joined = known_.alliances().snapshot(); joined) nextEnd_ = joined->nextEnd(now.calendar);
    if (news.alliances || hasEnded) forgetAll();
    if (news.trouble) return base::fail("commands on policy are not seen: " + base::toText(*news.trouble));
    if (const auto written = writeLearnt(); !written)
        return base::fail("what was learnt of destinations is not written: " + base::toText(written.error()));
    return {};
}

/// What was learnt since the last tick is not to be lost.
void Outbound::stop() {
    if (const auto written = writeLearnt(); !written)
        log_.warning(
            log::Line().text("what was learnt of destinations is lost: " + base::toText(written.error())));
}

/// What was decided for the domain is void, and who waits for it is tried at once.
void Outbound::changed(const std::string& domain) {
    known_.forget(domain);
    learners_.ofDomain(domain);
}

void Outbound::forgetAll() {
    known_.forgetAll();
    learners_.ofAll();
}

base::Result<void> Outbound::writeLearnt() {
    if (memory().isFull() != isMemoryFull_) {
        isMemoryFull_ = !isMemoryFull_;
        if (isMemoryFull_)
            log_.warning(log::Line().text("memory is full: domains that were remembered are forgotten, those "
                                          "first that were reached the longest ago"));
    }
    std::array batches{memory().trim(), known_.daneHistory().changes()};
    for (auto& batch : batches) {
        if (!batch) continue;
        if (const auto done = writer_.commitBlocking(std::move(*batch)); !done)
            return base::fail(done.error());
    }
    return {};
}

void Outbound::adopt(const std::shared_ptr<const Loaded>& loaded) {
    loaded_ = loaded;
    known_.adopt(outboundSettings(*loaded_, map_));
}

void Outbound::adoptPolicy(const std::shared_ptr<const policy::Map>& map) {
    map_ = map;
    known_.adoptPolicy(destinationSettings(*loaded_, map_));
}

std::vector<std::string> Outbound::needsRestart(const config::Settings& from,
                                                const config::Settings& to) const {
    const auto resolving = [](const net::ResolverSettings& resolver) {
        return std::tie(resolver.servers, resolver.validate, resolver.trustAnchor, resolver.cacheBytes);
    };
    const auto testing = [](const discover::SelfTest& test) { return std::tie(test.proven, test.bogus); };
    std::vector<std::string> keys;
    if (resolving(from.resolver) != resolving(to.resolver)) keys.emplace_back("dns");
    if (testing(from.selfTest) != testing(to.selfTest)) keys.emplace_back("dns.self_test");
    return keys;
}

}  // namespace postseal::app
