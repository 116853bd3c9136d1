// The memories of all domains (policy/memory), in the store and, under one lock, in memory: all cores read
// them, each delivery adds to the one of its domain in the batch that settles it. The command line is another
// writer: what it changes bears a higher revision, is loaded when noticed, and is never overwritten by what a
// delivery knew before. The number of domains is bounded, and so is the share of the names below one
// registrable domain. Where there are too many, those that make no memory yet go first, then those of the
// lesser class, of equals the longest unused.
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "policy/memory.hpp"
#include "store/batch.hpp"
#include "store/migrations.hpp"
#include "store/readers.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace postseal::discover {

extern const store::Schema memorySchema;

struct RememberedDomain {
    std::string domain;  // A-labels
    policy::Memory memory = {};
    std::int64_t revision = 0;  // of the last change by an administrator

    bool operator==(const RememberedDomain&) const = default;
};

/// For the command line, and to load: those of a higher revision than `after`, in the order of their names.
base::Result<std::vector<RememberedDomain>> memories(store::Engine& engine, std::int64_t after = -1);
base::Result<std::optional<RememberedDomain>> memoryOf(store::Engine& engine, const std::string& domain);
/// An administrator's change of a memory that is there; an empty one is forgotten.
store::Batch changeMemory(const RememberedDomain& changed);

class MemoryStore {
public:
    static constexpr std::size_t mostDomains = 50'000;
    static constexpr std::size_t shares = 100;  // a registrable domain has one of them
    /// Where nothing but the count grows, a row is written again no sooner.
    static constexpr std::chrono::hours writtenAgain{1};

    explicit MemoryStore(policy::MemorySettings settings, std::size_t most = mostDomains)
        : settings_(settings), most_(most) {}

    /// Takes what was changed in the store by others since the last call, all at first.
    base::Result<std::vector<RememberedDomain>> load(store::Readers& readers);
    /// There is no store, so nothing is remembered.
    void startEmpty() { isLoaded_ = true; }
    /// Until then nothing is known, which is not "there is none", and nothing is learnt.
    bool isLoaded() const { return isLoaded_; }
    void replace(const policy::MemorySettings& settings);

    std::optional<policy::Claim> claim(const std::string& domain) const;

    struct Observed {
        std::optional<RememberedDomain> row = {};  // to be appended to the batch of the delivery
        std::optional<policy::Notice> notice = {};
        bool claimChanged = false;
    };
    Observed observe(const std::string& domain, const policy::Contact& contact, base::Timestamp now);
    static void append(store::Batch& batch, const RememberedDomain& row);

    /// The domains that have to go, since there are too many; none: nothing has to.
    std::optional<store::Batch> trim();
    /// Domains that make a memory had to go, and it is not much emptier since.
    bool isFull() const;

private:
    struct Kept {
        policy::Memory memory;
        std::int64_t revision = 0;
        base::Timestamp written{};
    };

    bool hasRoomFor(const std::string& domain);
    void forget(const std::string& domain);

    std::atomic<bool> isLoaded_ = false;
    mutable std::mutex mutex_;
    policy::MemorySettings settings_;  // guarded by mutex_, as all below
    const std::size_t most_;
    std::unordered_map<std::string, Kept> kept_;
    std::unordered_map<std::string, std::set<std::string>> shares_;  // of kept_, by registrable domain
    std::vector<std::string> displaced_;                             // rows that are still to be removed
    bool isFull_ = false;
    std::int64_t newest_ = -1;  // revision
};

}  // namespace postseal::discover
