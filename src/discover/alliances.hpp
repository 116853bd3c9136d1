// The alliances that we joined, as a snapshot for all cores, read from the store and read again when somebody
// changed it there. A kept list that can't be read any more leaves the snapshot as it was: nothing falls.
#pragma once

#include "base/result.hpp"
#include "discover/alliance_store.hpp"
#include "policy/after_end.hpp"
#include "store/readers.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace postseal::policy {
class AllianceSet;
}

namespace postseal::discover {

struct AllianceSettings {
    policy::AfterEnd afterEnd = policy::AfterEnd::stay;
    std::vector<std::string> ours = {};  // our own domains

    bool operator==(const AllianceSettings&) const = default;
};

/// The set that these rows are; the error names the list that can't be read.
base::Result<policy::AllianceSet, std::string> allianceSetOf(const std::vector<AllianceRow>& rows,
                                                             const AllianceSettings& settings);

class Alliances {
public:
    explicit Alliances(AllianceSettings settings) : settings_(std::move(settings)) {}

    /// True: another snapshot is in force. Blocking; one thread.
    base::Result<bool> load(store::Readers& readers);
    /// There is no store, so none were joined.
    void startEmpty();
    /// What is loaded from now on is made with these.
    void replace(AllianceSettings settings);

    /// Null: not read yet, which is not "none".
    std::shared_ptr<const policy::AllianceSet> snapshot() const;

private:
    void put(policy::AllianceSet set);

    mutable std::mutex mutex_;
    std::shared_ptr<const policy::AllianceSet> set_;  // guarded by mutex_
    // Of the loading thread:
    AllianceSettings settings_;
    std::int64_t revision_ = -1;  // that set_ was made from
};

}  // namespace postseal::discover
