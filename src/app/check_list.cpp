#include "app/check_list.hpp"

#include "app/load.hpp"
#include "app/outbound_settings.hpp"
#include "app/srs_key.hpp"
#include "check/checker.hpp"
#include "store/open.hpp"
#include "task/clock.hpp"
#include "task/cores.hpp"
#include "task/spawn.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <map>
#include <mutex>
#include <utility>

namespace postseal::app {
namespace {

using namespace std::chrono_literals;
using task::Awaitable;

constexpr std::size_t mostAhead = 4 * CheckList::mostAtOnce;  // results that wait for one before them
constexpr smtp::ClientDeadlines deadlines{
    .greeting = 30s, .command = 20s, .handshake = 20s};  // somebody sits and waits
constexpr std::chrono::seconds connectTimeout{10};
constexpr std::chrono::seconds selfTestPatience{5};

/// As the server has it, but for its patience; the resolver is not tested for nothing.
discover::OutboundSettings hasty(discover::OutboundSettings settings) {
    auto client = *settings.dialer.client;
    client.deadlines = deadlines;
    settings.dialer.client = std::make_shared<const smtp::ClientSettings>(std::move(client));
    settings.dialer.connectTimeout = connectTimeout;
    if (!settings.destinations->dane) settings.selfTest.reset();
    return settings;
}

/// The addresses that the server's SRS has made are known here, too.
std::shared_ptr<const directory::Directory> directoryOf(const Loaded& loaded) {
    if (loaded.directory->srs) return loaded.directory;
    auto directory = *loaded.directory;
    directory.srs = knownSrsKey(loaded.settings.dataDir);
    return std::make_shared<const directory::Directory>(std::move(directory));
}

/// One call of check(): what the core has found, for the thread that waits.
struct Run {
    const std::vector<std::string>& list;
    check::CheckSettings settings;
    std::mutex mutex = {};
    std::condition_variable changed = {};
    std::size_t next = 0;                             // to be begun
    std::size_t taken = 0;                            // given to the caller
    std::size_t workers = 0;                          // that have not ended
    std::map<std::size_t, check::Checked> done = {};  // not taken yet
};

}  // namespace

struct CheckList::State {
    explicit State(std::shared_ptr<const Loaded> itsLoaded)
        : loaded(std::move(itsLoaded)), cores(1, log::Log()) {}
    ~State() {
        cores.cancelAll();
        cores.waitUntilEmpty(5s);
        resolver.reset();
        cores.stop();
    }

    Awaitable<void> work(Run* run);

    void readStore();
    void testResolver();
    std::optional<policy::Memory> remembered(const std::string& domain);

    std::shared_ptr<const Loaded> loaded;
    std::optional<store::Readers> readers = {};  // none: no server has run yet
    std::unique_ptr<net::Resolver> resolver = {};
    std::unique_ptr<discover::Outbound> outbound = {};
    std::optional<check::Checker> checker = {};
    std::string warning = {};
    task::Cores cores;  // go first: what still waits on them refers to the rest
};

Awaitable<void> CheckList::State::work(Run* run) {
    while (true) {
        std::size_t index = 0;
        {
            const std::lock_guard lock(run->mutex);
            index = run->next;
            if (index == run->list.size() || index >= run->taken + mostAhead) break;
            ++run->next;
        }
        auto checked = co_await checker->check(run->list[index], run->settings);
        const std::lock_guard lock(run->mutex);
        run->done.emplace(index, std::move(checked));
        run->changed.notify_one();
    }
    const std::lock_guard lock(run->mutex);
    --run->workers;
    run->changed.notify_one();
}

CheckList::CheckList(std::unique_ptr<State> state) : state_(std::move(state)) {}
CheckList::~CheckList() = default;

const std::string& CheckList::warning() const {
    return state_->warning;
}

/// What the server keeps, if it ever ran; policies, memories and exceptions hold here, too.
void CheckList::State::readStore() {
    const auto file = store::databaseFile(loaded->settings.dataDir);
    std::error_code unseen;  // what can't be looked at can't be read either, and is not nothing
    if (!std::filesystem::exists(file, unseen) && !unseen) {
        outbound->startEmpty();
        return;
    }
    readers.emplace(store::readersOf(loaded->settings.dataDir));
    const auto news = outbound->load(*readers);
    if (news.trouble) warning += "what the server keeps can't be read: " + base::toText(*news.trouble) + '\n';
}

std::optional<policy::Memory> CheckList::State::remembered(const std::string& domain) {
    if (!readers || domain.empty()) return std::nullopt;
    using Found = std::optional<discover::RememberedDomain>;
    auto found =
        readers->read<Found>([&](store::Engine& engine) { return discover::memoryOf(engine, domain); });
    return found && *found ? std::optional((*found)->memory) : std::nullopt;
}

/// Rule 17, once: a resolver that can be seen not to validate proves nothing.
void CheckList::State::testResolver() {
    const auto found = outbound->testResolver(selfTestPatience);
    if (found && found->health == discover::ResolverHealth::fails) warning += found->words + '\n';
}

base::Result<std::unique_ptr<CheckList>, std::string> CheckList::make(const std::string& configFile) {
    auto loaded = load(configFile, config::Purpose::look);
    if (!loaded) return base::fail(loaded.error());
    auto map = readPolicyMap((*loaded)->settings.outbound);
    auto state = stateOf(*loaded, hasty(outboundSettings(**loaded, map ? *map : nullptr)));
    if (!state) return base::fail(state.error());
    if (!map) (*state)->warning = map.error();
    (*state)->readStore();
    (*state)->cores.start();
    (*state)->testResolver();
    return std::unique_ptr<CheckList>(new CheckList(std::move(*state)));
}

base::Result<std::unique_ptr<CheckList>, std::string> CheckList::makeAlone(const std::string& configFile,
                                                                           const std::string& caFile) {
    auto loaded = load(configFile, config::Purpose::look);
    if (!loaded) return base::fail(loaded.error());
    auto alone = **loaded;
    auto& outbound = alone.settings.outbound;
    outbound.standard = policy::standardClaim(record::Level::verify);
    outbound.dane = false;
    outbound.mtaSts = false;
    if (!caFile.empty()) {
        auto trust = tls::TrustStore::load(caFile, "");
        if (!trust) return base::fail(base::toText(trust.error()));
        alone.trust = std::move(*trust);
    }
    auto directory = *alone.directory;
    directory.domains = {};  // we are a domain like any other
    directory.routes = {};
    alone.directory = std::make_shared<const directory::Directory>(std::move(directory));
    auto settings = hasty(outboundSettings(alone, std::make_shared<policy::Map>()));
    auto destinations = *settings.destinations;
    destinations.route.ourNames = {};
    destinations.route.ourEndpoints = {};
    settings.destinations = std::make_shared<const discover::DestinationSettings>(std::move(destinations));
    auto state = stateOf(std::make_shared<const Loaded>(std::move(alone)), std::move(settings));
    if (!state) return base::fail(state.error());
    (*state)->outbound->startEmpty();
    (*state)->cores.start();
    return std::unique_ptr<CheckList>(new CheckList(std::move(*state)));
}

base::Result<std::unique_ptr<CheckList::State>, std::string>
CheckList::stateOf(const std::shared_ptr<const Loaded>& loaded, discover::OutboundSettings settings) {
    auto state = std::make_unique<State>(loaded);
    auto resolver = net::Resolver::make(loaded->settings.resolver, state->cores[0]);
    if (!resolver) return base::fail(base::toText(resolver.error()));
    state->resolver = std::move(*resolver);
    state->outbound = std::make_unique<discover::Outbound>(state->cores, *state->resolver, nullptr,
                                                           std::move(settings), log::Log());
    state->checker.emplace(state->outbound->destinations(0), state->outbound->dialer(0),
                           directoryOf(*loaded));
    return state;
}

void CheckList::check(const std::vector<std::string>& list, const check::CheckSettings& settings,
                      const std::function<void(check::Checked)>& take) {
    Run run{.list = list, .settings = settings};
    std::unique_lock lock(run.mutex);
    while (run.taken < list.size()) {
        const auto begun = std::min(list.size(), run.taken + mostAhead);
        for (; run.workers < std::min(mostAtOnce, begun - run.next); ++run.workers)
            task::spawn(state_->cores[0], state_->work(&run), "check");
        run.changed.wait(lock, [&] { return run.done.contains(run.taken) || run.workers == 0; });
        auto done = run.done.extract(run.taken);
        if (done.empty()) continue;
        ++run.taken;
        lock.unlock();
        done.mapped().remembered = state_->remembered(done.mapped().domain);
        take(std::move(done.mapped()));
        lock.lock();
    }
    run.changed.wait(lock, [&] { return run.workers == 0; });
}

}  // namespace postseal::app
