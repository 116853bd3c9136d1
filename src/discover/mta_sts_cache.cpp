#include "discover/mta_sts_cache.hpp"

#include "base/ascii.hpp"
#include "task/cores.hpp"
#include "task/event.hpp"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <exception>

namespace postseal::discover {
namespace {

using base::Result;
using base::Timestamp;
using policy::TxtFinding;
using std::chrono::seconds;

constexpr std::chrono::seconds round{1};   // between two looks for what is due
constexpr std::chrono::days tellAgain{1};  // about the same policy
constexpr std::chrono::days inUse{1};      // what was asked for lately is not let go to make room

seconds lifeOf(const dns::Answer& answer) {
    if (answer.status == dns::Status::failed) return MtaStsCache::failureKept;
    return std::clamp(answer.ttl, MtaStsCache::shortestKept, MtaStsCache::longestKept);
}

std::string noteOf(const TxtFinding& txt) {
    if (txt.kind == TxtFinding::Kind::failed) return "MTA-STS could not be looked up: " + txt.why;
    return txt.why;
}

/// To the second.
std::string dateOf(Timestamp time) {
    return base::toRfc3339(std::chrono::floor<seconds>(time));
}

}  // namespace

MtaStsCache::MtaStsCache(Services services, StsCacheLimits limits)
    : services_(std::move(services)), limits_(limits) {}

task::Awaitable<StsFinding> MtaStsCache::find(std::string domain) {
    return ask(std::move(domain), Asked::asKept);
}

task::Awaitable<StsFinding> MtaStsCache::findAnew(std::string domain) {
    return ask(std::move(domain), Asked::anew);
}

task::Awaitable<StsFinding> MtaStsCache::ask(std::string domain, Asked how) {
    task::Completion<StsFinding> done(co_await task::asio::this_coro::executor);
    task::asio::dispatch(services_.home.context, [this, &domain, how, &done] { begin(domain, how, done); });
    co_return co_await done.wait();
}

void MtaStsCache::begin(const std::string& domain, Asked how, task::Completion<StsFinding>& done) {
    const auto name = base::DomainName::parse(domain);
    if (!name) return done.complete({.note = "MTA-STS: " + base::escaped(domain) + " " + name.error()});
    const auto now = services_.now();
    auto& entry = entryOf(name->text());
    entry.used = now;
    const bool isKept = holds(entry.kept, now);
    // A refresh is nobody's wait where a policy holds; what ran out is looked for again.
    const bool isKnown = entry.looking ? *entry.looking == Why::refresh && isKept
                                       : now < entry.checkedUntil && (isKept || !entry.kept);
    if (how == Asked::asKept && isKnown) return done.complete(findingOf(entry));
    entry.waiting.push_back(&done);
    if (!entry.looking) start(*name, Why::message);
}

void MtaStsCache::start(const base::DomainName& domain, Why why) {
    domains_.at(domain.text()).looking = why;
    task::spawn(services_.home, look(domain, why), "mta-sts");
}

/// Whatever comes, those who wait are answered.
task::Awaitable<void> MtaStsCache::look(base::DomainName domain, Why why) {
    try {
        co_await lookUp(domain, why);
    } catch (const std::exception& thrown) {
        domains_.at(domain.text()).note = fmt::format("MTA-STS could not be looked up: {}", thrown.what());
    }
    finish(domain.text());
}

task::Awaitable<void> MtaStsCache::lookUp(base::DomainName domain, Why why) {
    const auto name = policy::stsRecordName(domain);
    if (!name) co_return;  // too long a name: nothing can be announced
    std::vector<dns::Question> questions{{*name, dns::Type::txt}};
    const auto answers = co_await services_.ask(std::move(questions));
    const auto txt = policy::parseTxt(answers.at(0));

    const auto now = services_.now();
    auto& entry = domains_.at(domain.text());
    entry.checkedUntil = now + lifeOf(answers.at(0));
    entry.note = noteOf(txt);
    const bool isKept = holds(entry.kept, now);
    auto id = txt.id;
    if (id.empty() && isKept) id = entry.kept->id;
    const bool isNew = !isKept || entry.kept->id != id;
    if (id.empty() || (why == Why::message && !isNew)) co_return;
    if (entry.trouble && entry.trouble->id == id && now < entry.trouble->at + pause) {
        if (isNew) entry.note = entry.trouble->words;
        co_return;
    }
    co_await fetchPolicy(std::move(domain), std::move(id));
}

/// Descriptors are few. To go on without a fetch would be to let go of the policy, so the others wait.
task::Awaitable<Result<std::string, std::string>> MtaStsCache::fetchInTurn(base::DomainName domain) {
    if (fetching_ == mostFetches) {
        task::Completion<std::monostate> turn(services_.home.executor());
        turns_.push_back(&turn);
        co_await turn.wait();
    } else {
        ++fetching_;
    }
    Result<std::string, std::string> text;
    try {
        text = co_await services_.fetch(std::move(domain));
    } catch (const std::exception& thrown) {
        text = base::fail(std::string(thrown.what()));
    }
    if (turns_.empty()) {
        --fetching_;
    } else {
        auto* next = turns_.front();
        turns_.pop_front();
        next->complete({});
    }
    co_return text;
}

task::Awaitable<void> MtaStsCache::fetchPolicy(base::DomainName domain, std::string id) {
    auto text = co_await fetchInTurn(domain);
    const auto now = services_.now();
    auto& entry = domains_.at(domain.text());
    if (!text) co_return failed(entry, domain.text(), std::move(id), std::move(text.error()));
    auto fetched = policy::parsePolicy(*text);
    if (!fetched)
        co_return failed(entry, domain.text(), std::move(id), "it is no policy: " + fetched.error());
    const auto mode = fetched->mode;
    auto kept = policy::taken(entry.kept, std::move(*fetched), id, now);
    if (!kept)
        co_return failed(entry, domain.text(), id,
                         fmt::format("its mode is now {}, but its id is still {}", toText(mode), id));
    if (!makeRoom(domain.text(), text->size()))
        co_return failed(entry, domain.text(), std::move(id), "there is no room to keep it");

    store::Batch batch;
    put(batch, {domain.text(), kept->id, *text, kept->fetched, kept->expires, entry.used});
    keep(entry, std::move(*kept), text->size());
    entry.note.clear();
    co_await write(std::move(batch));
}

void MtaStsCache::failed(Domain& entry, const std::string& domain, std::string id, std::string words) {
    const auto now = services_.now();
    entry.note = fmt::format("the MTA-STS policy {} could not be fetched: {}", id, words);
    entry.trouble = {std::move(id), entry.note, now};
    if (!holds(entry.kept, now)) {
        services_.log.info(
            log::Line().text(fmt::format("{}: {}; mail goes on without it", domain, entry.note)));
        return;
    }
    if (!isEndangered(*entry.kept, now) || now < entry.warned + tellAgain) return;
    entry.warned = now;
    services_.log.warning(log::Line().text(fmt::format(
        "{}: {}; the one of {} holds until {}: if this lasts, mail to that domain loses its protection",
        domain, entry.note, dateOf(entry.kept->fetched), dateOf(entry.kept->expires))));
}

void MtaStsCache::finish(const std::string& domain) {
    auto& entry = domains_.at(domain);
    if (entry.looking == Why::refresh) --refreshing_;
    entry.looking.reset();
    // What could not be fetched is tried again before DNS's answer is old.
    if (entry.trouble && services_.now() < entry.trouble->at + pause)
        entry.checkedUntil = std::min<Timestamp>(entry.checkedUntil, entry.trouble->at + pause);
    schedule(domain, entry.trouble ? policy::LastFetch::failed : policy::LastFetch::well);
    const auto finding = findingOf(entry);
    for (auto* done : std::exchange(entry.waiting, {}))
        done->complete(finding);
}

/// A store that fails is in trouble for all, and says so itself: the policy holds in memory meanwhile.
task::Awaitable<void> MtaStsCache::write(store::Batch batch) {
    if (services_.writer == nullptr) co_return;
    const auto done = co_await services_.writer->commit(std::move(batch));
    if (!done)
        services_.log.warning(
            log::Line().text("an MTA-STS policy could not be stored: " + base::toText(done.error())));
}

Result<void> MtaStsCache::load(store::Readers& readers) {
    auto rows = readers.read<std::vector<StoredSts>>(loadSts);
    if (!rows) return base::fail(rows.error());
    task::asio::post(services_.home.context,
                     [this, rows = std::move(*rows)]() mutable { adopt(std::move(rows)); });
    return {};
}

void MtaStsCache::adopt(std::vector<StoredSts> rows) {
    const auto now = services_.now();
    Timestamp newest{};
    for (const auto& row : rows)
        newest = std::max(newest, row.fetched);
    const bool wereAway = now - newest > policy::KeptPolicy::quiet;
    for (auto& row : rows) {
        auto parsed = policy::parsePolicy(row.text);
        if (!parsed) {
            services_.log.warning(log::Line().text(
                fmt::format("the stored MTA-STS policy of {} is spoilt: {}", row.domain, parsed.error())));
            continue;
        }
        if (wereAway) row.expires = std::max<Timestamp>(row.expires, now + restAfterOutage);
        auto& entry = domains_[row.domain];
        entry.used = std::min(row.used, now);
        keep(entry,
             {std::move(*parsed), std::move(row.id), std::min(row.fetched, now),
              std::min<Timestamp>(row.expires, now + policy::MtaStsPolicy::longestAge)},
             row.text.size());
        schedule(row.domain, policy::LastFetch::well);
    }
}

void MtaStsCache::keep(Domain& entry, policy::KeptPolicy kept, std::size_t textBytes) {
    bytes_ += textBytes - entry.textBytes;
    entry.textBytes = textBytes;
    entry.kept = std::move(kept);
    entry.trouble.reset();
    entry.warned = {};
}

void MtaStsCache::letGo(const std::string& domain) {
    auto& entry = domains_.at(domain);
    due_.erase({entry.refreshAt, domain});
    bytes_ -= std::exchange(entry.textBytes, 0);
    entry.kept.reset();
    entry.checkedUntil = {};
    store::Batch batch;
    removeSts(batch, domain);
    task::spawn(services_.home, write(std::move(batch)), "mta-sts");
}

/// What somebody sends mail to these days is never let go for a stranger's sake: who can make us write to
/// many domains could else make us forget the others (first come, first kept).
bool MtaStsCache::makeRoom(const std::string& domain, std::size_t bytes) {
    const auto& own = domains_.at(domain);
    const std::size_t more = own.kept ? 0 : 1;
    while (due_.size() + more > limits_.policies || bytes_ - own.textBytes + bytes > limits_.bytes) {
        const std::pair<const std::string, Domain>* oldest = nullptr;
        for (const auto& each : domains_)
            if (each.second.kept && !each.second.looking &&
                (oldest == nullptr || each.second.used < oldest->second.used))
                oldest = &each;
        if (oldest == nullptr || services_.now() - oldest->second.used < inUse) return false;
        letGo(oldest->first);
    }
    return true;
}

void MtaStsCache::schedule(const std::string& domain, policy::LastFetch last) {
    auto& entry = domains_.at(domain);
    due_.erase({entry.refreshAt, domain});
    if (!entry.kept) return;
    const auto now = services_.now();
    const bool isIdle = now - entry.used > mostIdle;
    const auto next = isIdle ? entry.kept->expires
                             : std::min(entry.kept->expires, nextRefresh(domain, *entry.kept, last, now));
    entry.refreshAt = std::max<Timestamp>(next, now + round);
    due_.insert({entry.refreshAt, domain});
}

task::Awaitable<void> MtaStsCache::keepFresh() {
    do {
        refreshDue();
    } while (co_await task::sleepFor(round));
}

void MtaStsCache::refreshDue() {
    const auto now = services_.now();
    while (!due_.empty() && due_.begin()->first <= now && refreshing_ < mostRefreshes) {
        const auto domain = due_.begin()->second;
        auto& entry = domains_.at(domain);
        if (!entry.looking && !holds(entry.kept, now)) {
            letGo(domain);
            continue;
        }
        if (entry.looking || !isRefreshing_ || now - entry.used > mostIdle) {
            schedule(domain, policy::LastFetch::failed);
            continue;
        }
        ++refreshing_;
        due_.erase(due_.begin());
        start(*base::DomainName::parse(domain), Why::refresh);
    }
}

MtaStsCache::Domain& MtaStsCache::entryOf(const std::string& domain) {
    if (const auto known = domains_.find(domain); known != domains_.end()) return known->second;
    if (domains_.size() >= limits_.domains)
        std::erase_if(domains_, [](const auto& each) { return !each.second.kept && !each.second.looking; });
    return domains_[domain];
}

StsFinding MtaStsCache::findingOf(const Domain& entry) const {
    const auto now = services_.now();
    auto until = entry.checkedUntil;
    StsFinding finding{.note = entry.note};
    if (holds(entry.kept, now)) {
        finding.policy = entry.kept->policy;
        finding.id = entry.kept->id;
        finding.fetched = entry.kept->fetched;
        finding.expires = entry.kept->expires;
        until = std::min(until, entry.kept->expires);
    }
    finding.ttl = std::max(shortestKept, std::chrono::duration_cast<seconds>(until - now));
    return finding;
}

}  // namespace postseal::discover
