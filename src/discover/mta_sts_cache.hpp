// What is known of the domains' MTA-STS policies (RFC 8461 §3.3, §5.1, §10.2; rules 18, 19, 21, 22, 25).
// `find` asks DNS for the TXT record once its last answer is too old, and fetches the policy where its id is
// new; whatever fails, a policy that is kept holds until its max_age is over. One lookup and fetch of a
// domain is under way at a time, and all who ask wait for it. In the background each policy is fetched anew
// daily, whatever DNS says, and an administrator is warned long before one runs out. The copy in memory
// decides; each change is in the store before anybody is answered by it, and is read back at start.
// One for all cores, on its home core's thread; bounded in domains and in bytes.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "discover/ask.hpp"
#include "discover/mta_sts_store.hpp"
#include "discover/sts_finding.hpp"
#include "log/sink.hpp"
#include "policy/mta_sts_kept.hpp"
#include "store/readers.hpp"
#include "store/writer.hpp"
#include "task/awaitable.hpp"
#include "task/completion.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace postseal::task {
struct Core;
}

namespace postseal::discover {

struct StsCacheLimits {
    std::size_t policies = 100'000;
    std::size_t bytes = std::size_t{64} << 20U;  // of their texts
    std::size_t domains = 200'000;               // those without a policy too
};

class MtaStsCache {
public:
    /// The policy's text, or what went wrong, for people (StsFetcher::fetch).
    using Fetch = std::function<task::Awaitable<base::Result<std::string, std::string>>(base::DomainName)>;

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
    static constexpr std::size_t mostFetches = 200;           // at a time; each has a minute at most
    static constexpr std::size_t mostRefreshes = 8;           // of them
    static constexpr std::chrono::days mostIdle{30};  // a policy that nobody asked for so long is let run out
    static constexpr std::chrono::days restAfterOutage{1};  // load()

    explicit MtaStsCache(Services services, StsCacheLimits limits = {});

    /// From any core. May wait for DNS and for one fetch; the store's and the network's faults are in the
    /// finding's note, and none of them is "no policy" where one is kept.
    task::Awaitable<StsFinding> find(std::string domain);
    /// The same, but DNS is asked now: before a message returns for a policy's sake (§5.1, rule 25).
    task::Awaitable<StsFinding> findAnew(std::string domain);

    /// Before anybody asks, from a thread that may block. Where all is old, we were away or the clock is
    /// wrong: then a policy that seems to have run out holds for another day, so that it can be refreshed
    /// (rule 54).
    base::Result<void> load(store::Readers& readers);

    /// Refreshes what is due, until the task is cancelled; spawned on the home core.
    task::Awaitable<void> keepFresh();
    /// One round of it, on the home core.
    void refreshDue();
    /// On the home core: without, policies are still found, but run out.
    void setRefreshing(bool on) { isRefreshing_ = on; }

private:
    enum class Why { message, refresh };
    struct Trouble {
        std::string id;  // that was to be fetched
        std::string words;
        base::Timestamp at;
    };
    struct Domain {
        std::optional<policy::KeptPolicy> kept = {};
        std::size_t textBytes = 0;
        base::Timestamp checkedUntil{};  // what DNS said last is as good as asked
        base::Timestamp used{};
        base::Timestamp refreshAt{};  // as it stands in due_
        base::Timestamp warned{};
        std::optional<Trouble> trouble = {};  // of the last fetch
        std::string note = {};
        std::optional<Why> looking = {};
        std::vector<task::Completion<StsFinding>*> waiting = {};
    };
    enum class Asked { asKept, anew };

    task::Awaitable<StsFinding> ask(std::string domain, Asked how);
    void begin(const std::string& domain, Asked how, task::Completion<StsFinding>& done);
    void start(const base::DomainName& domain, Why why);
    task::Awaitable<void> look(base::DomainName domain, Why why);
    task::Awaitable<void> lookUp(base::DomainName domain, Why why);
    task::Awaitable<base::Result<std::string, std::string>> fetchInTurn(base::DomainName domain);
    task::Awaitable<void> fetchPolicy(base::DomainName domain, std::string id);
    void failed(Domain& entry, const std::string& domain, std::string id, std::string words);
    void finish(const std::string& domain);

    task::Awaitable<void> write(store::Batch batch);
    void adopt(std::vector<StoredSts> rows);
    void keep(Domain& entry, policy::KeptPolicy kept, std::size_t textBytes);
    void letGo(const std::string& domain);
    bool makeRoom(const std::string& domain, std::size_t bytes);
    void schedule(const std::string& domain, policy::LastFetch last);
    Domain& entryOf(const std::string& domain);
    StsFinding findingOf(const Domain& entry) const;

    Services services_;
    StsCacheLimits limits_;
    std::unordered_map<std::string, Domain> domains_;
    std::set<std::pair<base::Timestamp, std::string>> due_;  // of each kept policy
    std::size_t bytes_ = 0;                                  // of the kept policies
    std::size_t refreshing_ = 0;
    std::size_t fetching_ = 0;
    std::deque<task::Completion<std::monostate>*> turns_;  // who waits to fetch
    bool isRefreshing_ = true;
};

}  // namespace postseal::discover
