// What is known of the domains' MTA-STS policies (RFC 8461 §3.3, §5.1, §10.2; rules 18, 19, 21, 22, 25).
// `find` asks DNS for the TXT record once its last answer is too old, and fetches the policy where its id is
// new; whatever fails, a policy that is kept holds until its max_age is over. One lookup and fetch of a
// domain is under way at a time, and all who ask wait for it. In the background each policy is fetched anew
// daily, whatever DNS says, and an administrator is warned long before one runs out. The copy in memory
// decides; each change is in the store before anybody is answered by it, and is read back at start: until
// then nothing is known, not even that there is no policy. A policy that was fetched binds the mail that
// waits for it, also where there is no room to keep it (sts_shelf). One for all cores, on its home core's
// thread; bounded in domains and in bytes.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "discover/ask.hpp"
#include "discover/fetch_turns.hpp"
#include "discover/mta_sts_store.hpp"
#include "discover/sts_finding.hpp"
#include "discover/sts_shelf.hpp"
#include "log/sink.hpp"
#include "policy/mta_sts_kept.hpp"
#include "store/readers.hpp"
#include "store/writer.hpp"
#include "task/awaitable.hpp"
#include "task/completion.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace postseal::task {
struct Core;
}

namespace postseal::discover {

struct StsCacheLimits {
    StsShelfLimits kept = {};
    std::size_t domains = 200'000;  // those without a policy too
};

class MtaStsCache {
public:
    /// The policy's text, or what went wrong (StsFetcher::fetch).
    using Fetch = std::function<task::Awaitable<base::Result<std::string, StsFailure>>(base::DomainName)>;

    struct Services {
        task::Core& home;
        store::Writer* writer;  // null: a command that only looks, beside a server or without
        Ask ask;
        Fetch fetch;
        /// The calendar's time, not to be set while we run (task::steadyCalendar).
        base::Clock now;
        log::Log log = {};
    };

    static constexpr std::chrono::minutes pause{5};  // after a failed fetch, for the same id (§3.3)
    static constexpr std::chrono::seconds shortestKept{1};
    static constexpr std::chrono::seconds longestKept{3600};  // DNS's answer
    static constexpr std::chrono::seconds failureKept{30};    // that DNS did not answer
    static constexpr std::size_t mostRefreshes = 8;           // at a time (fetch_turns)
    static constexpr std::chrono::days mostIdle{30};  // a policy that nobody asked for so long is let run out
    static constexpr std::chrono::days restAfterOutage{1};  // load()

    explicit MtaStsCache(Services services, StsCacheLimits limits = {});

    /// From any core. May wait for DNS and for one fetch; the store's and the network's faults are in the
    /// finding's note, and none of them is "no policy" where one is kept.
    task::Awaitable<StsFinding> find(std::string domain, policy::MailKind kind);
    /// The same, but DNS is asked now: before a message returns for a policy's sake (§5.1, rule 25).
    task::Awaitable<StsFinding> findAnew(std::string domain, policy::MailKind kind);

    /// Before anybody asks, from a thread that may block. Where all is old, we were away or the clock is
    /// wrong: then a policy that seems to have run out holds for another day, so that it can be refreshed
    /// (rule 54).
    base::Result<void> load(store::Readers& readers);
    /// In its place, where no server has run yet and there is nothing to read.
    void startEmpty();

    /// Refreshes what is due, until the task is cancelled; spawned on the home core.
    task::Awaitable<void> keepFresh();
    /// One round of it, on the home core.
    void refreshDue();
    /// On the home core: without, policies are still found, but run out.
    void setRefreshing(bool on) { isRefreshing_ = on; }

private:
    enum class Why { mail, report, refresh };
    struct Trouble {
        std::string id;  // that was to be fetched
        StsFailure failure;
        base::Timestamp at;
    };
    struct Domain {
        std::optional<policy::KeptPolicy> kept = {};
        std::optional<policy::KeptPolicy> passing = {};  // for those who wait alone: there is no room for it
        StsShelf::AskedBy askedBy = StsShelf::AskedBy::reports;
        base::Timestamp checkedUntil{};  // what DNS said last is as good as asked
        base::Timestamp used{};
        base::Timestamp refreshAt{};  // as it stands in due_
        base::Timestamp warned{};
        std::optional<Trouble> trouble = {};  // of the last fetch
        std::string note = {};
        record::Why failure = record::Why::none;
        std::optional<Why> looking = {};
        FetchTurns::Turn* turn = nullptr;  // while it waits for one
        std::vector<task::Completion<StsFinding>*> waiting = {};
    };
    enum class Asked { asKept, anew };

    struct Question {
        std::string domain;
        policy::MailKind kind;
        Asked how;
    };

    task::Awaitable<StsFinding> ask(Question question);
    void begin(const Question& question, task::Completion<StsFinding>& done);
    void noteUse(const std::string& domain, Domain& entry, policy::MailKind kind);
    void start(const base::DomainName& domain, Why why);
    task::Awaitable<void> look(base::DomainName domain, Why why);
    task::Awaitable<void> lookUp(base::DomainName domain, Why why);
    task::Awaitable<base::Result<std::string, StsFailure>> fetchInTurn(base::DomainName domain, Why why);
    task::Awaitable<void> fetchPolicy(base::DomainName domain, std::string id, Why why);
    task::Awaitable<void> keepIfRoom(base::DomainName domain, policy::KeptPolicy kept);
    void tellFull(const std::string& domain);
    static void tell(Domain& entry, const StsFailure& failure);
    void failed(const std::string& domain, std::string id, StsFailure failure);
    void finish(const std::string& domain);

    task::Awaitable<void> write(store::Batch batch);
    void adopt(std::vector<StoredSts> rows);
    void keep(const std::string& domain, Domain& entry, policy::KeptPolicy kept);
    void letGo(const std::string& domain, store::Batch& batch);
    void schedule(const std::string& domain, policy::LastFetch last);
    Domain& entryOf(const std::string& domain);
    StsFinding findingOf(const Domain& entry) const;

    Services services_;
    StsCacheLimits limits_;
    std::unordered_map<std::string, Domain> domains_;
    std::set<std::pair<base::Timestamp, std::string>> due_;  // of each kept policy
    StsShelf shelf_;                                         // the same, by their worth
    FetchTurns turns_;
    std::size_t refreshing_ = 0;
    std::uint64_t unkept_ = 0;  // policies that there was no room for, since start
    base::Timestamp toldFull_{};
    bool isLoaded_ = false;
    bool isRefreshing_ = true;
};

}  // namespace postseal::discover
