// Which next hops had DANE: TLSA records that DNSSEC proved. Kept durably and apart from memory's mode, for
// the time when our own resolver does not validate: then nothing tells a domain without TLSA records from one
// whose records are held back, and mail for those that had some waits (rule 17). Bounded, and so is the share
// of the names below one registrable domain; the longest unused go first. All cores use it, under one lock;
// the server's tick writes what changed.
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "store/batch.hpp"
#include "store/migrations.hpp"
#include "store/readers.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

namespace postseal::discover {

extern const store::Schema daneHistorySchema;

class DaneHistory {
public:
    static constexpr std::size_t mostNames = 100'000;
    static constexpr std::size_t shares = 100;  // a registrable domain has one of them
    static constexpr std::size_t writtenAtOnce = 500;
    static constexpr std::chrono::hours seenAgain{24};  // no sooner is a name that is known noted anew

    explicit DaneHistory(std::size_t most = mostNames) : most_(most) {}

    /// Once, before anything is decided. Blocking.
    base::Result<void> load(store::Readers& readers);
    /// There is no store, so nothing is known.
    void startEmpty() { isLoaded_ = true; }
    /// Until then nothing is known, which is not "there is none".
    bool isLoaded() const { return isLoaded_; }

    /// When it was seen last; none: never, or it has been given up.
    std::optional<base::Timestamp> lastOf(const std::string& nextHop) const;
    void seen(const std::string& nextHop, base::Timestamp now);
    /// A resolver that validates says that there is none any more.
    void givenUp(const std::string& nextHop);

    /// What changed since the last call; none: nothing.
    std::optional<store::Batch> changes();

private:
    using Uses = std::set<std::pair<base::Timestamp, std::string>>;

    void put(const std::string& nextHop, base::Timestamp last);
    void erase(const std::string& nextHop);
    void makeRoom(const std::string& share);

    const std::size_t most_;
    std::atomic<bool> isLoaded_ = false;
    mutable std::mutex mutex_;
    std::unordered_map<std::string, base::Timestamp> last_;  // guarded by mutex_, as all below
    Uses uses_;
    std::unordered_map<std::string, Uses> shares_;  // of uses_, by registrable domain
    std::set<std::string> changed_;                 // to be written
};

}  // namespace postseal::discover
