#include "app/server.hpp"

#include "app/alliances.hpp"
#include "app/daily_review.hpp"
#include "app/data_directory.hpp"
#include "app/delivery.hpp"
#include "app/digests.hpp"
#include "app/expiry.hpp"
#include "app/inbound.hpp"
#include "app/outbound.hpp"
#include "app/postfix_front.hpp"
#include "app/refused_log.hpp"
#include "task/clock.hpp"

#include <tuple>

namespace postseal::app {
namespace {

constexpr unsigned poolThreads = 4;

}  // namespace

Server::Server(Bound bound, log::Log log)
    : clock_(task::timeNow), pool_(poolThreads), residents_(log), resolver_(std::move(bound.resolver)),
      cores_(std::move(bound.cores)) {
    const auto& loaded = bound.loaded;
    auto& directory = residents_.moveIn<DataDirectory>(loaded->settings, std::move(bound.ownership), log);
    const Ground ground{.cores = *cores_,
                        .resolver = *resolver_,
                        .writer = directory.writer(),
                        .readers = directory.readers(),
                        .pool = pool_,
                        .log = log,
                        .clock = clock_};
    auto& outbound = residents_.moveIn<Outbound>(ground, loaded);
    auto& alliances = residents_.moveIn<Alliances>(ground, loaded, outbound);
    auto& delivery = residents_.moveIn<Delivery>(ground, loaded, outbound);
    auto& refused = residents_.moveIn<RefusedLog>(ground, loaded);
    auto& inbound = residents_.moveIn<Inbound>(ground, loaded, delivery, refused.mails());
    alliances.tell([&inbound](auto demands) { inbound.adoptAlliances(std::move(demands)); });
    auto& postfix = residents_.moveIn<PostfixFront>(ground, loaded, outbound);
    residents_.moveIn<Digests>(ground, loaded, delivery);
    residents_.moveIn<Expiry>(ground.writer, ground.readers, loaded->settings, log);
    residents_.moveIn<DailyReview>(loaded, std::chrono::steady_clock::now(), log);

    using Role = config::Listener::Role;
    Fronts fronts{{Role::mx, inbound.front()}, {Role::socketmap, postfix.front()}};
    residents_.moveIn<Listening>(ground, loaded->settings.listeners, std::move(bound.sockets),
                                 std::move(fronts));
}

Server::~Server() {
    stop(std::chrono::seconds(0));
    resolver_.reset();  // says so to its core, which must still be there
}

void Server::start() {
    tick();
    residents_.start();
    cores_->start();
}

void Server::tick() {
    residents_.tick({clock_(), std::chrono::steady_clock::now()});
}

std::string Server::needsRestart(const config::Settings& from, const config::Settings& to) const {
    auto keys = residents_.needsRestart(from, to);
    const auto add = [&keys](const char* key) { keys += (keys.empty() ? "" : ", ") + std::string(key); };
    // What was done before there was a server.
    if (from.user != to.user) add("user");
    const auto logging = [](const log::SinkSettings& sink) {
        return std::tie(sink.target, sink.form, sink.least);
    };
    if (logging(from.log) != logging(to.log)) add("log");
    return keys;
}

bool Server::stop(std::chrono::seconds limit) {
    cores_->cancelAll();
    const bool ended = cores_->waitUntilEmpty(limit);
    residents_.stop();
    cores_->stop();
    pool_.stop();  // its work is done in the frames of coroutines, which go with the cores
    return ended;
}

}  // namespace postseal::app
