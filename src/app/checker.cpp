#include "app/checker.hpp"

#include "app/mta_sts.hpp"
#include "app/outward.hpp"
#include "discover/exceptions.hpp"
#include "discover/local_policy.hpp"
#include "discover/memory_store.hpp"
#include "discover/resolver_watch.hpp"
#include "store/open.hpp"
#include "task/clock.hpp"
#include "task/cores.hpp"
#include "task/event.hpp"
#include "task/spawn.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <future>
#include <map>
#include <mutex>
#include <utility>
#include <variant>

namespace postseal::app {
namespace {

using namespace std::chrono_literals;
using task::Awaitable;

constexpr std::size_t mostAhead = 4 * Checker::mostAtOnce;  // results that wait for one before them
constexpr smtp::ClientDeadlines deadlines{
    .greeting = 30s, .command = 20s, .handshake = 20s};  // somebody sits and waits
constexpr std::chrono::seconds connectTimeout{10};
constexpr std::chrono::seconds selfTestPatience{5};

net::SmtpDialerSettings hastyDialer(const Loaded& loaded) {
    auto settings = dialerSettings(loaded);
    auto client = *settings.client;
    client.deadlines = deadlines;
    settings.client = std::make_shared<const smtp::ClientSettings>(std::move(client));
    settings.connectTimeout = connectTimeout;
    return settings;
}

/// Where mail for a domain, or for one address, goes.
struct Way {
    std::string domain;
    std::string nextHop = {};  // empty: it stays here
    std::string smarthost = {};
};

Way foreign(const directory::Directory& directory, const record::MailDomain& domain) {
    const auto* route = directory.routes.find(domain);
    const auto nextHop = route != nullptr ? route->via : record::nextHopOf(domain);
    Way way{.domain = record::toText(domain), .nextHop = toText(nextHop)};
    if (directory.routes.isSmarthost(route)) way.smarthost = hostText(nextHop);
    return way;
}

Way wayTo(const record::Transport& transport, std::string domain) {
    if (const auto* hop = std::get_if<record::NextHop>(&transport)) return {std::move(domain), toText(*hop)};
    return {std::move(domain)};
}

base::Result<Way, std::string> wayOfAddress(const directory::Directory& directory, const std::string& text) {
    const auto mailbox = record::Mailbox::parse(text);
    if (!mailbox) return base::fail(mailbox.error());
    const auto domain = record::toText(mailbox->domain());
    const auto resolved = directory.resolve(*mailbox, task::timeNow());
    if (const auto* ours = std::get_if<directory::Ours>(&resolved)) {
        const auto leaves = std::ranges::find_if(ours->targets, [](const directory::Target& target) {
            return std::holds_alternative<record::NextHop>(target.transport);
        });
        return leaves == ours->targets.end() ? Way{domain} : wayTo(leaves->transport, domain);
    }
    if (std::holds_alternative<directory::Foreign>(resolved)) return foreign(directory, mailbox->domain());
    return base::fail(std::string("mail to this address is refused: nobody of ours has it"));
}

base::Result<Way, std::string> wayOf(const directory::Directory& directory, const std::string& text) {
    if (text.find('@') != text.npos) return wayOfAddress(directory, text);
    const auto hop = record::NextHop::parse(text);
    if (!hop) return base::fail(hop.error());
    const auto* name = std::get_if<base::DomainName>(&hop->host);
    const bool isPlain = name != nullptr && hop->lookup == record::NextHop::Lookup::mx && !hop->port;
    if (!isPlain) return Way{.domain = hostText(*hop), .nextHop = toText(*hop)};  // as a route would say it
    if (const auto ours = directory.domains.find(*name); ours != directory.domains.end())
        return wayTo(ours->second.transport(*name), name->text());
    return foreign(directory, *name);
}

policy::Outlook outlookOf(const Checked& checked) {
    policy::Outlook outlook{.domain = checked.domain, .smarthost = checked.smarthost};
    outlook.failure = checked.destination->failure;
    for (std::size_t i = 0; i < checked.destination->hosts.size(); ++i) {
        const auto& host = checked.destination->hosts[i];
        auto& seen = outlook.hosts.emplace_back();
        seen = {.name = host.name, .requirement = host.requirement, .failure = host.failure};
        if (checked.probes.empty()) continue;
        const auto& probe = checked.probes[i];
        seen.tried = policy::Tried{probe.isReached, probe.isMet, probe.assurance, probe.words};
    }
    return outlook;
}

/// One call of check(): what the core has found, for the thread that waits.
struct Run {
    const std::vector<std::string>& list;
    CheckSettings settings;
    std::mutex mutex = {};
    std::condition_variable changed = {};
    std::size_t next = 0;                      // to be begun
    std::size_t taken = 0;                     // given to the caller
    std::size_t workers = 0;                   // that have not ended
    std::map<std::size_t, Checked> done = {};  // not taken yet
};

}  // namespace

struct Checker::State {
    explicit State(std::shared_ptr<const Loaded> itsLoaded, std::shared_ptr<const policy::Map> map)
        : loaded(std::move(itsLoaded)), memory(loaded->settings.outbound.memory),
          dialer(hastyDialer(*loaded), loaded->trust), settings(destinationSettings(*loaded, std::move(map))),
          cores(1, log::Log()) {}
    ~State() {
        cores.cancelAll();
        cores.waitUntilEmpty(5s);
        resolver.reset();
        cores.stop();
    }

    Awaitable<void> work(Run* run);
    Awaitable<Checked> checkOne(std::string asked, CheckSettings how);
    Awaitable<std::vector<discover::Probe>>
    probeAll(std::shared_ptr<const discover::Destination> destination);

    void readStore();
    void testResolver();
    discover::Ask ask();
    std::optional<policy::Memory> remembered(const std::string& domain);

    std::shared_ptr<const Loaded> loaded;
    std::optional<store::Readers> readers = {};  // none: no server has run yet
    discover::MemoryStore memory;
    discover::Exceptions exceptions = {};
    std::unique_ptr<net::Resolver> resolver = {};
    std::unique_ptr<MtaSts> mtaSts = {};
    net::SmtpDialer dialer;
    std::shared_ptr<const discover::DestinationSettings> settings;
    std::unique_ptr<discover::Destinations> destinations = {};
    std::string warning = {};
    task::Cores cores;  // go first: what still waits on them refers to the rest
};

namespace {

/// The handshakes with a destination's hosts, side by side.
struct Probing {
    explicit Probing(const task::Executor& executor) : done(executor) {}
    std::vector<discover::Probe> probes;
    std::size_t missing = 0;
    task::Event done;
};

Awaitable<void> probeOne(net::SmtpDialer* dialer, discover::Host host, std::shared_ptr<Probing> probing,
                         std::size_t index) {
    probing->probes[index] = co_await discover::probe(dialer, std::move(host));
    if (--probing->missing == 0) probing->done.set();
}

}  // namespace

Awaitable<std::vector<discover::Probe>>
Checker::State::probeAll(std::shared_ptr<const discover::Destination> destination) {
    const auto executor = co_await task::asio::this_coro::executor;
    auto probing = std::make_shared<Probing>(executor);
    probing->missing = destination->hosts.size();
    probing->probes.resize(probing->missing);
    for (std::size_t i = 0; i < destination->hosts.size(); ++i)
        task::spawn(executor, probeOne(&dialer, destination->hosts[i], probing, i), "probe");
    if (!destination->hosts.empty()) co_await probing->done.wait();
    co_return std::move(probing->probes);
}

Awaitable<Checked> Checker::State::checkOne(std::string asked, CheckSettings how) {
    Checked checked{.asked = std::move(asked), .time = task::timeNow()};
    auto way = wayOf(*loaded->directory, checked.asked);
    if (!way) {
        checked.forecast = policy::refusedForecast(checked.asked, way.error());
        co_return checked;
    }
    checked.domain = std::move(way->domain);
    checked.nextHop = std::move(way->nextHop);
    checked.smarthost = std::move(way->smarthost);
    if (checked.nextHop.empty()) {
        checked.forecast = policy::localForecast(checked.domain);
        co_return checked;
    }
    discover::Query query{
        .nextHop = checked.nextHop, .domain = checked.domain, .kind = how.kind, .lookAtAll = true};
    checked.destination = co_await destinations->find(std::move(query));
    if (how.handshakes == Handshakes::yes) checked.probes = co_await probeAll(checked.destination);
    checked.forecast = policy::forecast(outlookOf(checked));
    co_return checked;
}

Awaitable<void> Checker::State::work(Run* run) {
    while (true) {
        std::size_t index = 0;
        {
            const std::lock_guard lock(run->mutex);
            index = run->next;
            if (index == run->list.size() || index >= run->taken + mostAhead) break;
            ++run->next;
        }
        auto checked = co_await checkOne(run->list[index], run->settings);
        const std::lock_guard lock(run->mutex);
        run->done.emplace(index, std::move(checked));
        run->changed.notify_one();
    }
    const std::lock_guard lock(run->mutex);
    --run->workers;
    run->changed.notify_one();
}

Checker::Checker(std::unique_ptr<State> state) : state_(std::move(state)) {}
Checker::~Checker() = default;

const std::string& Checker::warning() const {
    return state_->warning;
}

/// What the server keeps, if it ever ran; policies, memories and exceptions hold here, too.
void Checker::State::readStore() {
    const auto file = store::databaseFile(loaded->settings.dataDir);
    std::error_code ignored;  // what can't be looked at can't be read either
    if (!std::filesystem::exists(file, ignored)) {
        memory.startEmpty();
        exceptions.startEmpty();
        return;
    }
    readers.emplace(store::readersOf(loaded->settings.dataDir));
    const auto tell = [this](const auto& done) {
        if (!done) warning += "what the server keeps can't be read: " + base::toText(done.error()) + '\n';
    };
    tell(mtaSts->load(*readers));
    tell(memory.load(*readers));
    tell(exceptions.load(*readers));
}

std::optional<policy::Memory> Checker::State::remembered(const std::string& domain) {
    if (!readers || domain.empty()) return std::nullopt;
    using Found = std::optional<discover::RememberedDomain>;
    auto found =
        readers->read<Found>([&](store::Engine& engine) { return discover::memoryOf(engine, domain); });
    return found && *found ? std::optional((*found)->memory) : std::nullopt;
}

namespace {

Awaitable<void> testOnce(discover::Ask ask, discover::SelfTest names,
                         std::shared_ptr<std::promise<discover::SelfTestVerdict>> told) {
    told->set_value(co_await discover::ResolverWatch::test(std::move(ask), std::move(names), 0ms));
}

}  // namespace

/// Rule 17, once: a resolver that can be seen not to validate proves nothing.
void Checker::State::testResolver() {
    const auto& settings = loaded->settings;
    if (!settings.outbound.dane || settings.resolver.validate == net::Validation::off) return;
    auto told = std::make_shared<std::promise<discover::SelfTestVerdict>>();
    auto verdict = told->get_future();
    task::spawn(cores[0], testOnce(ask(), settings.selfTest, told), "self-test");
    if (verdict.wait_for(selfTestPatience) != std::future_status::ready) return;
    const auto [health, words] = verdict.get();
    boost::asio::post(cores[0].context, [this, health = health] { destinations->resolverTested(health); });
    if (health == discover::ResolverHealth::fails) warning += words + '\n';
}

discover::Ask Checker::State::ask() {
    return [resolver = resolver.get()](std::vector<dns::Question> questions) {
        return askAll(resolver, std::move(questions));
    };
}

base::Result<std::unique_ptr<Checker>, std::string> Checker::make(const std::string& configFile) {
    auto loaded = load(configFile);
    if (!loaded) return base::fail(loaded.error());
    auto map = readPolicyMap((*loaded)->settings.outbound);
    auto state = std::make_unique<State>(*loaded, map ? *map : nullptr);
    if (!map) state->warning = map.error();
    auto resolver = net::Resolver::make((*loaded)->settings.resolver, state->cores[0]);
    if (!resolver) return base::fail(base::toText(resolver.error()));
    state->resolver = std::move(*resolver);
    state->mtaSts =
        std::make_unique<MtaSts>(state->cores[0], state->resolver.get(), nullptr, **loaded, log::Log());
    state->readStore();
    state->destinations = std::make_unique<discover::Destinations>(
        discover::DestinationSources{
            .ask = state->ask(),
            .findSts = [sts =
                            state->mtaSts.get()](std::string domain) { return sts->find(std::move(domain)); },
            .local =
                [&own = *state](const discover::Query& query, base::Timestamp now) {
                    return discover::localPolicyOf(own.exceptions, own.memory, query, now);
                }},
        state->settings);
    state->cores.start();
    state->testResolver();
    return std::unique_ptr<Checker>(new Checker(std::move(state)));
}

void Checker::check(const std::vector<std::string>& list, const CheckSettings& settings,
                    const std::function<void(Checked)>& take) {
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
