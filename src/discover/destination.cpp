#include "discover/destination.hpp"

#include "policy/plan.hpp"
#include "task/clock.hpp"
#include "task/event.hpp"
#include "task/spawn.hpp"

#include <algorithm>
#include <utility>

namespace postseal::discover {
namespace {

using Answers = std::vector<dns::Answer>;

std::shared_ptr<const Destination> failedWith(Failure failure) {
    return std::make_shared<const Destination>(Destination{.failure = std::move(failure)});
}

/// The same question for the same answer.
Query canonical(Query query) {
    const auto& hop = query.nextHop;
    const auto* name = std::get_if<base::DomainName>(&hop.host);
    const bool isByMx = hop.lookup == record::NextHop::Lookup::mx && !hop.port;
    if (name != nullptr && isByMx && name->text() == query.domain) query.domain.clear();
    return query;
}

struct HashHost {
    std::size_t operator()(const base::DomainName& name) const {
        return std::hash<std::string>()(name.text());
    }
    std::size_t operator()(const base::IpAddress& address) const {
        return std::hash<std::string>()(address.toText());
    }
};

/// The MTA-STS finding, while DNS is asked for the rest.
struct StsAsking {
    explicit StsAsking(const task::Executor& executor) : found(executor) {}
    StsFinding finding = {};
    task::Event found;
};

task::Awaitable<void> askSts(FindSts find, std::string domain, policy::MailKind kind,
                             std::shared_ptr<StsAsking> asking) {
    asking->finding = co_await find(std::move(domain), kind);
    asking->found.set();
}

/// The questions of all hosts at once, round by round.
task::Awaitable<std::vector<policy::DaneFinding>> findDane(Ask ask, dns::Route route,
                                                           policy::Resolver resolver) {
    std::vector<policy::DaneLookup> lookups;
    lookups.reserve(route.hosts.size());
    for (const auto& host : route.hosts)
        lookups.emplace_back(host, route.port, resolver);
    for (;;) {
        std::vector<dns::Question> questions;
        for (const auto& lookup : lookups)
            questions.insert(questions.end(), lookup.questions().begin(), lookup.questions().end());
        if (questions.empty()) break;
        const Answers answers = co_await ask(std::move(questions));
        auto next = answers.begin();
        for (auto& lookup : lookups) {
            const auto count = static_cast<std::ptrdiff_t>(lookup.questions().size());
            if (count == 0) continue;
            lookup.answered(Answers(next, next + count));
            next += count;
        }
    }
    std::vector<policy::DaneFinding> findings;
    findings.reserve(lookups.size());
    for (const auto& lookup : lookups)
        findings.push_back(lookup.finding());
    co_return findings;
}

/// By TLSA records of a host.
bool isProven(const policy::Findings& findings) {
    return std::ranges::any_of(findings.dane,
                               [](const policy::DaneFinding& dane) { return !dane.usable.empty(); });
}

}  // namespace

/// A decision under way, and who waits for it.
struct Destinations::Flight {
    std::shared_ptr<const Destination> destination = {};  // null: it came to nothing
    std::vector<task::Event*> waiting = {};
    bool isOver = false;

    void land() {
        isOver = true;
        for (auto* one : waiting)
            one->set();
    }
};

std::size_t Destinations::Hash::operator()(const Query& query) const {
    const std::hash<std::string> hash;
    const auto host = std::visit(HashHost(), query.nextHop.host);
    const auto flags = static_cast<std::size_t>(query.message) +
                       (query.kind == policy::MailKind::report ? 4U : 0U) + (query.lookAtAll ? 8U : 0U);
    return ((host * 31 + query.nextHop.port.value_or(0)) * 31 + hash(query.domain)) * 16 + flags;
}

Destinations::Destinations(DestinationSources sources, std::shared_ptr<const DestinationSettings> settings)
    : sources_(std::move(sources)), settings_(std::move(settings)), random_(std::random_device{}()) {}

task::Awaitable<std::shared_ptr<const Destination>> Destinations::find(Query query) {
    query = canonical(std::move(query));
    if (auto destination = known(query)) co_return destination;
    if (!settings_->map)
        co_return failedWith({Failure::Kind::temporary, "4.3.5",
                              "the TLS policy map is missing or faulty, so nothing is sent outward"});

    const auto executor = co_await task::asio::this_coro::executor;
    const auto [at, isFirst] = flights_.try_emplace(query);
    if (isFirst) at->second = std::make_shared<Flight>();
    const auto flight = at->second;  // the entry goes when it lands
    if (isFirst) task::spawn(executor, fly(this, std::move(query), flight), "destination");
    if (!flight->isOver) {
        task::Event landed(executor);
        flight->waiting.push_back(&landed);
        co_await landed.wait();
        std::erase(flight->waiting, &landed);
    }
    if (flight->destination) co_return flight->destination;
    co_return failedWith({Failure::Kind::temporary, "4.4.3", "the lookup was broken off"});
}

std::shared_ptr<const Destination> Destinations::known(const Query& query) const {
    const auto known = kept_.find(query);
    if (known == kept_.end() || std::chrono::steady_clock::now() >= known->second.until) return nullptr;
    return known->second.destination;
}

task::Awaitable<void> Destinations::fly(Destinations* self, Query query, std::shared_ptr<Flight> flight) {
    // However it ends, nobody waits for ever.
    struct Landing {
        Destinations& destinations;
        const Query& query;
        Flight& flight;
        ~Landing() {
            const auto at = destinations.flights_.find(query);
            if (at != destinations.flights_.end() && at->second.get() == &flight)
                destinations.flights_.erase(at);
            flight.land();
        }
    };
    const Landing landing{*self, query, *flight};
    flight->destination = co_await self->decide(query);
}

task::Awaitable<std::shared_ptr<const Destination>> Destinations::decide(Query query) {
    const auto settings = settings_;
    const auto epoch = epoch_;
    const auto executor = co_await task::asio::this_coro::executor;
    auto local = localPolicy(query, task::timeNow());
    const auto* history = sources_.daneHistory;
    if (!local || (history != nullptr && !history->isLoaded()))
        co_return std::make_shared<const Destination>(policy::notLoaded());
    const auto wish = wishOf(query, *settings, std::move(*local), task::timeNow());
    const auto needs = needsOf(wish, *settings);

    const auto sts = std::make_shared<StsAsking>(executor);
    const bool asksSts = needs.mtaSts && sources_.findSts;
    // The policy is the next hop's, as it is written (rule 24, RFC 8461 §3.4).
    if (asksSts)
        task::spawn(executor, askSts(sources_.findSts, record::hostText(query.nextHop), query.kind, sts),
                    "mta-sts");

    policy::Findings findings{.route = co_await findRoute(query.nextHop, settings)};
    findings.isDnssecUntested = resolver_ == ResolverHealth::fails;
    const auto resolver = findings.isDnssecUntested ? policy::Resolver::fails : policy::Resolver::believed;
    if (needs.dane) findings.dane = co_await findDane(sources_.ask, findings.route, resolver);
    if (history != nullptr && (findings.isDnssecUntested || resolver_ == ResolverHealth::pending))
        findings.hadDane = history->lastOf(toText(query.nextHop));
    // Before the first test has ended, only those are held whose proof is missing.
    if (findings.hadDane && !isProven(findings)) findings.isDnssecUntested = true;
    noteDane(toText(query.nextHop), findings);
    if (asksSts) {
        // Told to end before the answer is there: a policy may be kept that must not be overlooked.
        if (co_await sts->found.wait() == task::Woken::cancelled)
            co_return failedWith({Failure::Kind::temporary, "4.3.2", "this server is shutting down"});
        findings.mtaSts = sts->finding;
    }

    auto destination = std::make_shared<const Destination>(destinationOf(wish, findings, *settings));
    // Else something that it rests on was replaced meanwhile, or is still to be read.
    if (epoch == epoch_ && destination->isPolicyKnown)
        keep(query, {destination, std::chrono::steady_clock::now() +
                                      lifeOf(wish, findings, *destination, task::timeNow())});
    co_return destination;
}

std::optional<LocalPolicy> Destinations::localPolicy(Query query, base::Timestamp now) const {
    if (!sources_.local) return LocalPolicy();
    if (query.domain.empty()) query.domain = record::hostText(query.nextHop);
    return sources_.local(query, now);
}

std::string Destinations::domainOf(const record::NextHop& nextHop, const std::string& domain) const {
    if (!sources_.local || domain == toText(nextHop)) return {};
    const auto local = sources_.local({.nextHop = nextHop, .domain = domain}, task::timeNow());
    return local == LocalPolicy() ? std::string() : domain;
}

task::Awaitable<bool> Destinations::hasChangedPolicy(Query query) {
    query = canonical(std::move(query));
    // Also where it is too old by now: an attempt may take longer than a decision is kept.
    const auto kept = kept_.find(query);
    const auto before = kept == kept_.end() ? nullptr : kept->second.destination;
    if (!sources_.findStsAnew || !before || !before->mtaSts) co_return false;
    auto domain = record::hostText(query.nextHop);
    const auto now = co_await sources_.findStsAnew(std::move(domain), query.kind);
    if (!now.isLoaded || now.policy == before->mtaSts->policy) co_return false;
    forget(record::hostText(query.nextHop));
    co_return true;
}

bool Destinations::demandsProtection(const record::NextHop& nextHop) const {
    if (!settings_->map) return true;
    const Query query{.nextHop = nextHop};
    auto local = localPolicy(query, task::timeNow());
    if (!local) return true;
    const auto wish = wishOf(query, *settings_, std::move(*local), task::timeNow());
    const auto kept = kept_.find(query);
    const auto* found = kept == kept_.end() ? nullptr : kept->second.destination.get();
    const bool isDecided = found != nullptr && !(found->failure && found->failure->isTemporary());
    if (isDecided) {
        if (found->hosts.empty()) return policy::demandsProtection(wish, found->mtaSts);
        return std::ranges::any_of(found->hosts,
                                   [](const Host& host) { return !permitsCleartext(host.requirement); });
    }
    const auto needs = needsOf(wish, *settings_);
    if (needs.dane || (needs.mtaSts && sources_.findSts)) return true;  // what they would say is not known
    return policy::demandsProtection(wish, {});
}

void Destinations::resolverTested(ResolverHealth health) {
    if (std::exchange(resolver_, health) != health) forgetAll();
}

void Destinations::replace(std::shared_ptr<const DestinationSettings> settings) {
    settings_ = std::move(settings);
    forgetAll();
}

void Destinations::forget(const std::string& domain) {
    const auto isOf = [&](const auto& entry) {
        const Query& query = entry.first;
        return (query.domain.empty() ? record::hostText(query.nextHop) : query.domain) == domain;
    };
    ++epoch_;
    std::erase_if(kept_, isOf);
    std::erase_if(flights_, isOf);
}

void Destinations::forgetAll() {
    ++epoch_;
    kept_.clear();
    flights_.clear();  // they land with those who wait for them
}

task::Awaitable<dns::Route> Destinations::findRoute(record::NextHop nextHop,
                                                    std::shared_ptr<const DestinationSettings> settings) {
    dns::MxRoute machine(nextHop, settings->route, random_());
    while (!machine.questions().empty()) {
        auto questions = machine.questions();
        const auto answers = co_await sources_.ask(std::move(questions));
        machine.answered(answers);
    }
    co_return machine.route();
}

/// What is found now is what will be missed while our resolver does not validate.
void Destinations::noteDane(const std::string& nextHop, const policy::Findings& findings) const {
    using policy::DaneFinding;
    if (sources_.daneHistory == nullptr || findings.isDnssecUntested || findings.dane.empty()) return;
    const auto isNone = [](const DaneFinding& dane) { return dane.kind == DaneFinding::Kind::none; };
    if (isProven(findings))
        sources_.daneHistory->seen(nextHop, task::timeNow());
    else if (resolver_ == ResolverHealth::works && std::ranges::all_of(findings.dane, isNone))
        sources_.daneHistory->givenUp(nextHop);
}

void Destinations::keep(const Query& query, Kept kept) {
    if (kept_.size() >= mostKept) {
        const auto now = std::chrono::steady_clock::now();
        std::erase_if(kept_, [=](const auto& one) { return one.second.until <= now; });
    }
    if (kept_.size() >= mostKept) kept_.clear();
    kept_.insert_or_assign(query, std::move(kept));
}

}  // namespace postseal::discover
