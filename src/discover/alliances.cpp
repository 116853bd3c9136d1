#include "discover/alliances.hpp"

#include "policy/alliance_set.hpp"

#include <utility>

namespace postseal::discover {

using base::fail;
using base::Result;

Result<policy::AllianceSet, std::string> allianceSetOf(const std::vector<AllianceRow>& rows,
                                                       const AllianceSettings& settings) {
    std::vector<policy::JoinedAlliance> joined;
    for (const auto& row : rows) {
        const auto& kept = row.kept;
        if (kept.isLeft()) continue;
        auto opened = openAlliance(kept.envelope, kept.keys);
        if (!opened) return fail("the list of the alliance " + kept.name + ": " + opened.error());
        joined.push_back({.list = std::move(opened->list),
                          .isObserved = kept.isObserved,
                          .accepted = kept.accepted,
                          .promoted = kept.promoted});
    }
    return policy::AllianceSet(std::move(joined), settings.afterEnd, settings.ours);
}

Result<bool> Alliances::load(store::Readers& readers) {
    const auto revision = readers.read<std::int64_t>(allianceRevision);
    if (!revision) return fail(revision.error());
    if (*revision == revision_) return false;
    const auto rows =
        readers.read<std::vector<AllianceRow>>([](store::Engine& engine) { return alliances(engine); });
    if (!rows) return fail(rows.error());
    auto set = allianceSetOf(*rows, settings_);
    if (!set) return fail(base::Error{{}, base::Phase::store, set.error()});
    put(std::move(*set));
    revision_ = *revision;
    return true;
}

void Alliances::startEmpty() {
    put(policy::AllianceSet());
    revision_ = 0;
}

void Alliances::replace(AllianceSettings settings) {
    if (settings_ == settings) return;
    settings_ = std::move(settings);
    revision_ = -1;
}

std::shared_ptr<const policy::AllianceSet> Alliances::snapshot() const {
    const std::scoped_lock lock(mutex_);
    return set_;
}

void Alliances::put(policy::AllianceSet set) {
    auto next = std::make_shared<const policy::AllianceSet>(std::move(set));
    const std::scoped_lock lock(mutex_);
    set_ = std::move(next);
}

}  // namespace postseal::discover
