#include "check/checker.hpp"

#include "check/legs.hpp"
#include "discover/course.hpp"
#include "task/clock.hpp"
#include "task/event.hpp"
#include "task/spawn.hpp"

#include <algorithm>
#include <utility>

namespace postseal::check {
namespace {

/// Not for a failure that may be over soon, but since the host proves nothing where a proof is due.
bool isBarred(const discover::Host& host) {
    using How = policy::Unmet::How;
    return host.unusable && (host.unusable->how == How::notListed ||
                             host.unusable->how == How::notOfAlliance || host.unusable->how == How::noTlsa);
}

policy::HostOutlook outlookOf(const discover::Host& host, const discover::Probe* probe) {
    policy::HostOutlook outlook{.name = host.name,
                                .requirement = host.requirement,
                                .failure = host.failure,
                                .isBarred = isBarred(host)};
    if (probe == nullptr) return outlook;
    for (const auto& address : *probe)
        outlook.tried.push_back({address.isReached, address.isMet, address.assurance, address.words});
    return outlook;
}

policy::Outlook outlookOf(const CheckedLeg& leg) {
    policy::Outlook outlook{
        .domain = leg.domain, .failure = leg.destination->failure, .smarthost = leg.smarthost};
    const auto& hosts = leg.destination->hosts;
    for (std::size_t i = 0; i < hosts.size(); ++i)
        outlook.hosts.push_back(outlookOf(hosts[i], leg.probes.empty() ? nullptr : &leg.probes[i]));
    return outlook;
}

}  // namespace

/// The legs of one address, walked side by side.
struct Checker::Legwork {
    explicit Legwork(const task::Executor& executor) : done(executor) {}
    std::vector<Leg> legs = {};
    std::vector<CheckedLeg> checked = {};  // of each leg
    std::size_t next = 0;                  // to be walked
    std::size_t walkers = 0;
    task::Event done;
};

Checker::Checker(discover::Destinations& destinations, net::SmtpDialer& dialer,
                 std::shared_ptr<const directory::Directory> directory)
    : destinations_(destinations), dialer_(dialer), directory_(std::move(directory)) {}

task::Awaitable<Checked> Checker::check(std::string asked, CheckSettings how) {
    const auto executor = co_await task::asio::this_coro::executor;
    Checked checked{.asked = std::move(asked), .time = task::timeNow()};
    auto found = legsOf(*directory_, checked.asked, checked.time);
    if (!found) {
        checked.forecast = policy::refusedForecast(checked.asked, found.error());
        co_return checked;
    }
    checked.domain = std::move(found->domain);
    const auto legwork = std::make_shared<Legwork>(executor);
    legwork->legs = std::move(found->all);
    legwork->checked.resize(legwork->legs.size());
    legwork->walkers = std::min(mostLegsAtOnce, legwork->legs.size());
    for (auto walkers = legwork->walkers; walkers > 0; --walkers)
        task::spawn(executor, walk(this, how, legwork), "leg");
    co_await legwork->done.wait();

    checked.legs = legwork->checked;  // told to end, its walkers still write
    std::vector<policy::Forecast> forecasts;
    forecasts.reserve(checked.legs.size());
    for (const auto& leg : checked.legs)
        forecasts.push_back(leg.forecast);
    checked.forecast = policy::weakestOf(checked.asked, forecasts);
    co_return checked;
}

task::Awaitable<void> Checker::walk(Checker* self, CheckSettings how, std::shared_ptr<Legwork> legwork) {
    while (legwork->next < legwork->legs.size()) {
        const auto index = legwork->next++;
        auto& leg = legwork->legs[index];
        auto& checked = legwork->checked[index];
        checked.domain = std::move(leg.domain);
        checked.addresses = std::move(leg.addresses);
        checked.smarthost = std::move(leg.smarthost);
        co_await self->checkLeg(checked, leg.transport, how);
    }
    if (--legwork->walkers == 0) legwork->done.set();
}

task::Awaitable<void> Checker::checkLeg(CheckedLeg& leg, record::Transport transport, CheckSettings how) {
    const auto course = discover::courseOf(transport, destinations_.settings()->map.get());
    if (!course.nextHop) {
        leg.forecast = policy::localForecast(leg.domain);
        co_return;
    }
    leg.nextHop = toText(*course.nextHop);
    discover::Query query{
        .nextHop = *course.nextHop, .domain = leg.domain, .kind = how.kind, .lookAtAll = true};
    leg.destination = co_await destinations_.find(std::move(query));
    if (how.handshakes == Handshakes::yes)
        leg.probes = co_await discover::probe(&dialer_, leg.destination, course.dialect);
    leg.forecast = policy::forecast(outlookOf(leg));
}

}  // namespace postseal::check
