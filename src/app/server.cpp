#include "app/server.hpp"

#include "app/outbound_settings.hpp"
#include "app/privileges.hpp"
#include "app/schemas.hpp"
#include "companion/socketmap.hpp"
#include "deliver/shares.hpp"
#include "net/port_probe.hpp"
#include "queue/lease.hpp"
#include "queue/spool.hpp"
#include "queue/steer.hpp"
#include "store/open.hpp"
#include "task/clock.hpp"
#include "task/spawn.hpp"

#include <boost/asio/post.hpp>
#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <string_view>
#include <thread>
#include <utility>

namespace postseal::app {
namespace {

constexpr unsigned poolThreads = 4;  // files above 64 KiB, reads of the store

std::string_view inWords(const config::Listener& listener) {
    if (listener.role == config::Listener::Role::socketmap) return "policies for a Postfix (socketmap)";
    switch (listener.tls) {
    case smtp::ListenerTls::none: return "no TLS";
    case smtp::ListenerTls::may: return "TLS offered";
    case smtp::ListenerTls::encrypt: return "TLS demanded";
    case smtp::ListenerTls::implicit: return "TLS from the first byte";
    }
    return {};
}

}  // namespace

/// What one core has for itself; touched on its thread alone once it runs.
struct Server::PerCore {
    PerCore(Server& server, task::Core& taskCore, std::vector<net::Listener> itsListeners)
        : core(taskCore), names(receive::lookUpBy(*server.resolver_)),
          receiving{.core = taskCore,
                    .log = server.log_.as("smtpd"),
                    .writer = server.writer_,
                    .bodies = server.bodies_,
                    .ids = server.ids_,
                    .rates = server.rates_,
                    .memory = server.arrivalMemory_,
                    .names = names,
                    .queueReady = server.queueReady_,
                    .handOver =
                        [&server](std::vector<queue::Lease> leases) {
                            server.dispatchers_->handOver(std::move(leases));
                        }},
          companion{.destinations = server.outbound_->destinations(taskCore.index),
                    .log = server.log_.as("socketmap")},
          sites(server.loaded_->sites), listeners(std::move(itsListeners)) {}

    void accept(std::size_t index, config::Listener::Role role, log::Log log) {
        std::function<void(net::Connection)> take = [this, index](net::Connection connection) {
            task::spawn(core, receive::serve(&receiving, sites[index], std::move(connection)), "session");
        };
        if (role == config::Listener::Role::socketmap)
            take = [this](net::Connection connection) {
                task::spawn(core, companion::serve(&companion, std::move(connection)), "socketmap");
            };
        task::spawn(core, net::Listener::acceptAll(std::move(listeners[index]), take, log), "accept");
    }

    std::unique_ptr<deliver::DeliveryServices> deliveryServices(Server& server) {
        const auto& settings = server.loaded_->settings.deliver;
        return std::make_unique<deliver::DeliveryServices>(deliver::DeliveryServices{
            .writer = server.writer_,
            .bodies = server.bodies_,
            .ids = server.ids_,
            .destinations = server.outbound_->destinations(core.index),
            .dialer = server.outbound_->dialer(core.index),
            .log = server.log_.as("smtp"),
            .settings = std::make_shared<const deliver::Settings>(settings),
            .directory = server.loaded_->directory,
            .memory = &server.outbound_->memory(),
            .connections = deliver::shareOfCore(settings.connections, server.cores_->size())});
    }

    task::Core& core;
    receive::ClientNames names;
    receive::ReceivingServices receiving;
    companion::SocketmapServices companion;
    std::vector<std::shared_ptr<const receive::Site>> sites;
    std::vector<net::Listener> listeners;  // until they are spawned
};

base::Result<Bound> bind(const std::shared_ptr<const Loaded>& loaded, log::Log log) {
    const auto& settings = loaded->settings;
    auto ownership = store::Ownership::take(settings.dataDir);
    if (!ownership && ownership.error().code == store::Errc::owned) return base::fail(ownership.error());
    if (ownership && isRoot() && !settings.user.empty())
        if (const auto given = giveTo(settings.user, settings.dataDir.string()); !given)
            return base::fail(given.error());

    auto cores = std::make_unique<task::Cores>(std::max(1U, std::thread::hardware_concurrency()), log);
    auto resolver = net::Resolver::make(settings.resolver, (*cores)[0]);
    if (!resolver) return base::fail(resolver.error());
    Bound bound{loaded, {}, std::move(cores), std::move(*resolver), {}};
    if (ownership) bound.ownership = std::move(*ownership);
    for (const auto& listener : settings.listeners)
        if (const auto isFree = net::probePort(listener.address); !isFree) return base::fail(isFree.error());
    for (std::size_t i = 0; i < bound.cores->size(); ++i) {
        auto& listeners = bound.listeners.emplace_back();
        for (const auto& listener : settings.listeners) {
            auto open = net::Listener::open((*bound.cores)[i], listener.address);
            if (!open) return base::fail(open.error());
            listeners.push_back(std::move(*open));
        }
    }
    return bound;
}

Server::Server(Bound bound, log::Log log)
    : loaded_(std::move(bound.loaded)), ownership_(std::move(bound.ownership)),
      isOwner_(ownership_.has_value()), log_(log), pool_(poolThreads),
      writer_(opener(),
              {.dataDir = loaded_->settings.dataDir, .reserveBytes = loaded_->settings.diskReserveBytes}),
      readers_(store::readersOf(loaded_->settings.dataDir)),
      bodies_({.dataDir = loaded_->settings.dataDir,
               .memoryBytes = loaded_->settings.bodyMemoryBytes,
               .reserveBytes = loaded_->settings.diskReserveBytes},
              pool_, readers_),
      cores_(std::move(bound.cores)) {
    resolver_ = std::move(bound.resolver);
    outbound_ = std::make_unique<discover::Outbound>(*cores_, *resolver_, &writer_,
                                                     outboundSettings(*loaded_, nullptr), log_);
    std::vector<std::unique_ptr<deliver::DeliveryServices>> services;
    for (std::size_t i = 0; i < cores_->size(); ++i) {
        auto& mine = perCore_.emplace_back(
            std::make_unique<PerCore>(*this, (*cores_)[i], std::move(bound.listeners[i])));
        services.push_back(mine->deliveryServices(*this));
    }
    dispatchers_ = std::make_unique<deliver::Dispatchers>(*cores_, std::move(services));
}

Server::~Server() {
    stop(std::chrono::seconds(0));
    resolver_.reset();  // says so to its core, which must still be there
}

void Server::start() {
    tick();
    for (const auto& core : perCore_)
        for (std::size_t i = 0; i < core->listeners.size(); ++i)
            core->accept(i, loaded_->settings.listeners[i].role, log_.as("smtpd"));
    dispatchers_->start();
    outbound_->start();
    cores_->start();
    for (const auto& listener : loaded_->settings.listeners)
        log_.info(log::Line().text(
            fmt::format("listening on {}: {}", net::toText(listener.address), inWords(listener))));
}

void Server::tick() {
    if (!queueReady_) return tryQueue();
    tellTrouble();
    auto seen = noticePolicy();
    if (seen) seen = noticeSteered();
    if (seen) seen = trimMemory();
    const auto trouble = seen ? std::string() : base::toText(seen.error());
    if (!seen && trouble != queueTrouble_)
        log_.warning(log::Line().text("commands on the queue and on policy are not seen: " + trouble));
    queueTrouble_ = trouble;
    if (const auto expired =
            expiry_.tick(loaded_->settings.ledger, task::timeNow(), std::chrono::steady_clock::now());
        !expired)
        log_.warning(log::Line().text("old records stay: " + base::toText(expired.error())));
}

void Server::tryQueue() {
    const auto opened = openQueue();
    const auto trouble = opened ? std::string() : base::toText(opened.error());
    if (!opened && trouble != queueTrouble_)
        log_.error(log::Line().text("the queue can't be opened, mail is put off: " + trouble));
    queueTrouble_ = trouble;
    queueReady_ = opened.has_value();
}

void Server::tellTrouble() {
    const auto found = writer_.trouble();
    auto trouble = found ? base::toText(*found) : std::string();
    if (trouble == storeTrouble_) return;
    if (found)
        log_.error(log::Line().text("the store is in trouble: " + trouble));
    else
        log_.info("the store is well again");
    storeTrouble_ = std::move(trouble);
}

store::Opener Server::opener() {
    return [this, open = store::writerOf(loaded_->settings.dataDir, schemas())] {
        if (isOwner_) return open();
        return base::Result<std::unique_ptr<store::Engine>>(
            base::fail(store::makeError(store::Errc::io, "the data directory can't be used")));
    };
}

/// What must hold before the first message: the directory ours, no lease of an earlier run, no id given
/// twice, no orphaned file.
base::Result<void> Server::openQueue() {
    if (!ownership_) {
        auto taken = store::Ownership::take(loaded_->settings.dataDir);
        if (!taken) return base::fail(taken.error());
        ownership_ = std::move(*taken);
        isOwner_ = true;
    }
    if (auto voided = queue::voidLeases(writer_); !voided) return voided;
    const auto newest = queue::newestId(readers_);
    if (!newest) return base::fail(newest.error());
    ids_.startAfter(*newest);
    const auto swept = bodies_.sweepOrphans();
    if (!swept) return base::fail(swept.error());
    if (*swept)
        log_.error(
            log::Line().text("the database is new, but there are texts of messages: they are kept in " +
                             (*swept)->string() + "; was postseal.db lost?"));
    if (const auto news = outbound_->load(readers_); news.trouble) return base::fail(*news.trouble);
    return expectWaiting();
}

/// Tells each destination's home core when the first of those who wait for it is due.
base::Result<void> Server::expectWaiting() {
    const auto waiting = queue::waitingBacklogs(readers_);
    if (!waiting) return base::fail(waiting.error());
    for (const auto& backlog : *waiting)
        dispatchers_->expect(backlog.nextHop, backlog.earliest);
    return {};
}

base::Result<void> Server::retryWaiting() {
    const auto waiting = queue::waitingBacklogs(readers_);
    if (!waiting) return base::fail(waiting.error());
    for (const auto& backlog : *waiting)
        dispatchers_->retry(backlog.nextHop);
    return {};
}

base::Result<void> Server::noticeSteered() {
    const auto nextHops = queue::takeSteered(readers_, writer_);
    if (!nextHops) return base::fail(nextHops.error());
    for (const auto& nextHop : *nextHops)
        dispatchers_->steered(nextHop);
    return {};
}

/// What an administrator's command changed of memories and exceptions.
base::Result<void> Server::noticePolicy() {
    const auto news = outbound_->load(readers_);
    for (const auto& [domain, memory, revision] : news.memories) {
        if (memory.accepted)
            log_.info(log::Line().text(fmt::format("memory of {} begins anew, by {}: {}", domain,
                                                   memory.accepted->by, memory.accepted->reason)));
        decideAnew(domain);
    }
    for (const auto& [exception, endedBy, revision] : news.exceptions) {
        const auto what = policy::inWords(exception);
        log_.info(log::Line().text(
            endedBy.empty() ? fmt::format("exception for {}: {}", exception.domain, what)
                            : fmt::format("exception for {} ended by {}", exception.domain, endedBy)));
        decideAnew(exception.domain);
    }
    if (news.trouble) return base::fail(*news.trouble);
    return {};
}

/// What was decided for the domain is void, and who waits for it is tried at once.
void Server::decideAnew(const std::string& domain) {
    outbound_->forget(domain);
    dispatchers_->steered(domain);  // it rests no longer
    dispatchers_->retry(domain);
}

base::Result<void> Server::trimMemory() {
    if (outbound_->memory().isFull() != isMemoryFull_) {
        isMemoryFull_ = !isMemoryFull_;
        if (isMemoryFull_)
            log_.warning(log::Line().text("no more domains are remembered, since there are too many"));
    }
    auto gone = outbound_->memory().trim();
    if (!gone) return {};
    const auto done = writer_.commitBlocking(std::move(*gone));
    if (!done) return base::fail(done.error());
    return {};
}

void Server::adopt(std::shared_ptr<const Loaded> loaded) {
    loaded_ = std::move(loaded);
    outbound_->adopt(outboundSettings(*loaded_, map_));
    for (const auto& core : perCore_)
        boost::asio::post(core->core.context,
                          [&mine = *core, loaded = loaded_] { mine.sites = loaded->sites; });
    dispatchers_->adopt(loaded_->settings.deliver, loaded_->directory);
    dispatchers_->reloaded();
}

void Server::adoptPolicy(std::shared_ptr<const policy::Map> map) {
    const bool isFirst = !map_ && map && queueReady_;
    map_ = std::move(map);
    outbound_->adoptPolicy(destinationSettings(*loaded_, map_));
    dispatchers_->reloaded();
    if (!isFirst) return;
    if (const auto due = retryWaiting(); !due)
        log_.warning(
            log::Line().text("what waited for the policy map waits longer: " + base::toText(due.error())));
}

bool Server::stop(std::chrono::seconds limit) {
    cores_->cancelAll();
    const bool ended = cores_->waitUntilEmpty(limit);
    writer_.stop();
    cores_->stop();
    pool_.stop();  // its work is done in the frames of coroutines, which go with the cores
    return ended;
}

}  // namespace postseal::app
