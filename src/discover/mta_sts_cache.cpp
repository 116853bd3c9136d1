#include "discover/mta_sts_cache.hpp"

#include "base/ascii.hpp"
#include "base/registrable_domain.hpp"
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
constexpr std::chrono::days tellAgain{1};  // about the same policy, or that there is no room

seconds lifeOf(const dns::Answer& answer) {
    if (answer.status == dns::Status::failed) return MtaStsCache::failureKept;
    return std::clamp(answer.ttl, MtaStsCache::shortestKept, MtaStsCache::longestKept);
}

std::string noteOf(const TxtFinding& txt) {
    if (txt.kind == TxtFinding::Kind::failed) return "MTA-STS could not be looked up: " + txt.why;
    return txt.why;
}

/// What it takes in memory, about: its row's index, its host names and what holds them.
std::size_t bytesOf(const std::string& domain, const policy::KeptPolicy& kept) {
    constexpr std::size_t ofEntry = 512, ofPattern = sizeof(policy::MxPattern);
    auto bytes = ofEntry + 3 * domain.size() + kept.id.size();
    for (const auto& pattern : kept.policy.patterns)
        bytes += ofPattern + pattern.name.size();
    return bytes;
}

StsShelf::Item itemOf(const std::string& domain, const policy::KeptPolicy& kept, StsShelf::AskedBy askedBy,
                      Timestamp used) {
    return {bytesOf(domain, kept), StsShelf::worthOf(kept.policy.mode, askedBy), used};
}

StsFailure invalid(std::string words) {
    return {record::Why::stsInvalid, std::move(words)};
}

/// To the second.
std::string dateOf(Timestamp time) {
    return base::toRfc3339(std::chrono::floor<seconds>(time));
}

}  // namespace

MtaStsCache::MtaStsCache(Services services, StsCacheLimits limits)
    : services_(std::move(services)), limits_(limits), shelf_(limits.kept) {}

task::Awaitable<StsFinding> MtaStsCache::find(std::string domain, policy::MailKind kind) {
    return ask({std::move(domain), kind, Asked::asKept});
}

task::Awaitable<StsFinding> MtaStsCache::findAnew(std::string domain, policy::MailKind kind) {
    return ask({std::move(domain), kind, Asked::anew});
}

task::Awaitable<StsFinding> MtaStsCache::ask(Question question) {
    task::Completion<StsFinding> done(co_await task::asio::this_coro::executor);
    task::asio::dispatch(services_.home.context, [this, &question, &done] { begin(question, done); });
    co_return co_await done.wait();
}

void MtaStsCache::begin(const Question& question, task::Completion<StsFinding>& done) {
    const auto name = base::DomainName::parse(question.domain);
    if (!name)
        return done.complete({.note = "MTA-STS: " + base::escaped(question.domain) + " " + name.error()});
    if (!isLoaded_) return done.complete({.isLoaded = false, .ttl = shortestKept});
    const auto now = services_.now();
    auto& entry = entryOf(name->text());
    noteUse(name->text(), entry, question.kind);
    const bool isKept = holds(entry.kept, now);
    // A refresh is nobody's wait where a policy holds; what ran out is looked for again.
    const bool isKnown = entry.looking ? *entry.looking == Why::refresh && isKept
                                       : now < entry.checkedUntil && (isKept || !entry.kept);
    if (question.how == Asked::asKept && isKnown) return done.complete(findingOf(entry));
    entry.waiting.push_back(&done);
    if (!entry.looking) start(*name, question.kind == policy::MailKind::message ? Why::mail : Why::report);
}

/// What mail asks for is worth more from then on, here and in the store.
void MtaStsCache::noteUse(const std::string& domain, Domain& entry, policy::MailKind kind) {
    entry.used = services_.now();
    const bool isMail = kind == policy::MailKind::message;
    if (isMail && entry.turn != nullptr) turns_.mailWaits(*entry.turn);
    const bool isNews = isMail && entry.askedBy == StsShelf::AskedBy::reports;
    if (isNews) entry.askedBy = StsShelf::AskedBy::mail;
    if (!entry.kept) return;
    shelf_.use(domain, StsShelf::worthOf(entry.kept->policy.mode, entry.askedBy), entry.used);
    if (!isNews) return;
    store::Batch batch;
    noteMail(batch, domain);
    task::spawn(services_.home, write(std::move(batch)), "mta-sts");
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
    entry.failure = record::Why::none;
    const bool isKept = holds(entry.kept, now);
    auto id = txt.id;
    if (id.empty() && isKept) id = entry.kept->id;
    const bool isNew = !isKept || entry.kept->id != id;
    if (id.empty() || (why != Why::refresh && !isNew)) co_return;
    if (entry.trouble && entry.trouble->id == id && now < entry.trouble->at + pause) {
        if (isNew) tell(entry, entry.trouble->failure);
        co_return;
    }
    co_await fetchPolicy(std::move(domain), std::move(id), why);
}

/// To go on without a fetch would be to let go of the policy, so whoever has no turn waits for one.
task::Awaitable<Result<std::string, StsFailure>> MtaStsCache::fetchInTurn(base::DomainName domain, Why why) {
    const auto name = domain.text();
    FetchTurns::Turn turn{base::registrableDomain(name),
                          why == Why::report ? policy::MailKind::report : policy::MailKind::message};
    domains_.at(name).turn = &turn;
    co_await turns_.begin(turn);
    domains_.at(name).turn = nullptr;
    Result<std::string, StsFailure> text;
    try {
        text = co_await services_.fetch(std::move(domain));
    } catch (const std::exception& thrown) {
        text = base::fail(StsFailure{.words = thrown.what()});
    }
    turns_.end(turn);
    co_return text;
}

task::Awaitable<void> MtaStsCache::fetchPolicy(base::DomainName domain, std::string id, Why why) {
    auto text = co_await fetchInTurn(domain, why);
    const auto now = services_.now();
    auto& entry = domains_.at(domain.text());
    if (!text) co_return failed(domain.text(), std::move(id), std::move(text.error()));
    auto fetched = policy::parsePolicy(*text);
    if (!fetched)
        co_return failed(domain.text(), std::move(id), invalid("it is no policy: " + fetched.error()));
    const auto mode = fetched->mode;
    auto kept = policy::taken(entry.kept, std::move(*fetched), id, now);
    if (!kept)
        co_return failed(
            domain.text(), id,
            invalid(fmt::format("its mode is now {}, but its id is still {}", toText(mode), id)));
    co_await keepIfRoom(std::move(domain), std::move(*kept));
}

/// Where there is none, those who wait are bound by it all the same, and whoever comes next asks again.
task::Awaitable<void> MtaStsCache::keepIfRoom(base::DomainName domain, policy::KeptPolicy kept) {
    const auto& name = domain.text();
    auto& entry = domains_.at(name);
    entry.note.clear();
    entry.failure = record::Why::none;
    entry.trouble.reset();
    const auto leaving = shelf_.roomFor(name, itemOf(name, kept, entry.askedBy, entry.used));
    if (!leaving) {
        entry.note = fmt::format("there is no room to keep the MTA-STS policy {}", kept.id);
        entry.passing = std::move(kept);
        entry.checkedUntil = services_.now();
        tellFull(name);
        co_return;
    }
    store::Batch batch;
    for (const auto& other : *leaving)
        letGo(other, batch);
    put(batch, {.domain = name,
                .id = kept.id,
                .text = toText(kept.policy),
                .fetched = kept.fetched,
                .expires = kept.expires,
                .used = entry.used,
                .askedBy = entry.askedBy});
    keep(name, entry, std::move(kept));
    co_await write(std::move(batch));
}

void MtaStsCache::tellFull(const std::string& domain) {
    ++unkept_;
    const auto now = services_.now();
    if (now < toldFull_ + tellAgain) return;
    toldFull_ = now;
    services_.log.error(log::Line().text(fmt::format(
        "ALARM: there is no room to keep the MTA-STS policy of {}: {} policies are kept, and all that may "
        "not be "
        "let go protect mail; {} have bound the mail that waited for them and nothing else since the start",
        domain, shelf_.size(), unkept_)));
}

void MtaStsCache::tell(Domain& entry, const StsFailure& failure) {
    entry.note = failure.words;
    entry.failure = failure.why;
}

void MtaStsCache::failed(const std::string& domain, std::string id, StsFailure failure) {
    const auto now = services_.now();
    auto& entry = domains_.at(domain);
    failure.words = fmt::format("the MTA-STS policy {} could not be fetched: {}", id, failure.words);
    tell(entry, failure);
    entry.trouble = {std::move(id), std::move(failure), now};
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
    entry.turn = nullptr;
    // What could not be fetched is tried again before DNS's answer is old.
    if (entry.trouble && services_.now() < entry.trouble->at + pause)
        entry.checkedUntil = std::min<Timestamp>(entry.checkedUntil, entry.trouble->at + pause);
    schedule(domain, entry.trouble ? policy::LastFetch::failed : policy::LastFetch::well);
    const auto finding = findingOf(entry);
    entry.passing.reset();
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

void MtaStsCache::startEmpty() {
    task::asio::post(services_.home.context, [this] { isLoaded_ = true; });
}

void MtaStsCache::adopt(std::vector<StoredSts> rows) {
    isLoaded_ = true;
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
        entry.askedBy = row.askedBy;
        keep(row.domain, entry,
             {std::move(*parsed), std::move(row.id), std::min(row.fetched, now),
              std::min<Timestamp>(row.expires, now + policy::MtaStsPolicy::longestAge)});
        schedule(row.domain, policy::LastFetch::well);
    }
}

void MtaStsCache::keep(const std::string& domain, Domain& entry, policy::KeptPolicy kept) {
    shelf_.add(domain, itemOf(domain, kept, entry.askedBy, entry.used));
    entry.kept = std::move(kept);
    entry.trouble.reset();
    entry.warned = {};
}

void MtaStsCache::letGo(const std::string& domain, store::Batch& batch) {
    auto& entry = domains_.at(domain);
    due_.erase({entry.refreshAt, domain});
    shelf_.remove(domain);
    entry.kept.reset();
    entry.checkedUntil = {};
    removeSts(batch, domain);
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
    store::Batch batch;
    bool hasRunOut = false;
    while (!due_.empty() && due_.begin()->first <= now && refreshing_ < mostRefreshes) {
        const auto domain = due_.begin()->second;
        auto& entry = domains_.at(domain);
        if (!entry.looking && !holds(entry.kept, now)) {
            letGo(domain, batch);
            hasRunOut = true;
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
    if (hasRunOut) task::spawn(services_.home, write(std::move(batch)), "mta-sts");
}

MtaStsCache::Domain& MtaStsCache::entryOf(const std::string& domain) {
    if (const auto known = domains_.find(domain); known != domains_.end()) return known->second;
    if (domains_.size() >= limits_.domains)
        std::erase_if(domains_, [](const auto& each) { return !each.second.kept && !each.second.looking; });
    return domains_[domain];
}

StsFinding MtaStsCache::findingOf(const Domain& entry) const {
    const auto now = services_.now();
    const auto& binding = entry.passing ? entry.passing : entry.kept;
    auto until = entry.passing ? Timestamp(now + pause) : entry.checkedUntil;
    StsFinding finding{.note = entry.note};
    if (holds(binding, now)) {
        finding.policy = binding->policy;
        finding.id = binding->id;
        finding.fetched = binding->fetched;
        finding.expires = binding->expires;
        until = std::min(until, binding->expires);
    } else {
        finding.failure = entry.failure;
    }
    finding.ttl = std::max(shortestKept, std::chrono::duration_cast<seconds>(until - now));
    return finding;
}

}  // namespace postseal::discover
