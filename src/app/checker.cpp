#include "app/checker.hpp"

#include "app/outward.hpp"
#include "task/cores.hpp"
#include "task/event.hpp"
#include "task/spawn.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
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

base::Timestamp clockNow() {
    return std::chrono::floor<base::Microseconds>(std::chrono::system_clock::now());
}

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
    const auto resolved = directory.resolve(*mailbox, clockNow());
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
    Handshakes handshakes;
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
        : loaded(std::move(itsLoaded)), cores(1, log::Log()), dialer(hastyDialer(*loaded), loaded->trust),
          settings(destinationSettings(*loaded, std::move(map))) {}
    ~State() {
        cores.cancelAll();
        cores.waitUntilEmpty(5s);
        resolver.reset();
        cores.stop();
    }

    Awaitable<void> work(Run* run);
    Awaitable<Checked> checkOne(std::string asked, Handshakes handshakes);
    Awaitable<std::vector<discover::Probe>>
    probeAll(std::shared_ptr<const discover::Destination> destination);

    std::shared_ptr<const Loaded> loaded;
    task::Cores cores;
    std::unique_ptr<net::Resolver> resolver;
    net::SmtpDialer dialer;
    std::shared_ptr<const discover::DestinationSettings> settings;
    std::unique_ptr<discover::Destinations> destinations;
    std::string warning;
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

Awaitable<Checked> Checker::State::checkOne(std::string asked, Handshakes handshakes) {
    Checked checked{.asked = std::move(asked), .time = clockNow()};
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
    discover::Query query{.nextHop = checked.nextHop, .domain = checked.domain};
    checked.destination = co_await destinations->find(std::move(query));
    if (handshakes == Handshakes::yes) checked.probes = co_await probeAll(checked.destination);
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
        auto checked = co_await checkOne(run->list[index], run->handshakes);
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

base::Result<std::unique_ptr<Checker>, std::string> Checker::make(const std::string& configFile) {
    auto loaded = load(configFile);
    if (!loaded) return base::fail(loaded.error());
    auto map = readPolicyMap((*loaded)->settings.outbound);
    auto state = std::make_unique<State>(*loaded, map ? *map : nullptr);
    if (!map) state->warning = map.error();
    auto resolver = net::Resolver::make((*loaded)->settings.resolver, state->cores[0]);
    if (!resolver) return base::fail(base::toText(resolver.error()));
    state->resolver = std::move(*resolver);
    state->destinations = std::make_unique<discover::Destinations>(
        discover::DestinationSources{
            .ask =
                [resolver = state->resolver.get()](std::vector<dns::Question> questions) {
                    return askAll(resolver, std::move(questions));
                }},
        state->settings);
    state->cores.start();
    return std::unique_ptr<Checker>(new Checker(std::move(state)));
}

void Checker::check(const std::vector<std::string>& list, Handshakes handshakes,
                    const std::function<void(Checked)>& take) {
    Run run{.list = list, .handshakes = handshakes};
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
        take(std::move(done.mapped()));
        lock.lock();
    }
    run.changed.wait(lock, [&] { return run.workers == 0; });
}

}  // namespace postseal::app
