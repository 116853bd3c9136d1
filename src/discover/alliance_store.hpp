// The lists of the alliances that we joined, in the store: the last good envelope, the floor of its version,
// the keys that may sign the next, what was accepted here. The server and the command line both write; each
// change names the revision that it was made from, so that none is lost to another.
#pragma once

#include "discover/alliance_list.hpp"
#include "store/batch.hpp"
#include "store/migrations.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace postseal::discover {

extern const store::Schema alliancesSchema;

/// How the last look for a newer list ended.
struct AllianceLook {
    base::Timestamp time{};
    std::string trouble = {};  // empty: it was got
};

struct AllianceRow {
    KeptAlliance kept = {};
    AllianceLook look = {};
};

/// All, in the order of their names; those that were left too, of which the floor stays.
base::Result<std::vector<AllianceRow>> alliances(store::Engine& engine);
base::Result<std::optional<AllianceRow>> allianceOf(store::Engine& engine, const std::string& name);
/// Where a list that is in force came from, and how the last look for a newer one ended.
struct AllianceSource {
    std::string name = {}, source = {};
    AllianceLook look = {};
};
base::Result<std::vector<AllianceSource>> allianceSources(store::Engine& engine);
/// The newest revision of all; 0: there are none.
base::Result<std::int64_t> allianceRevision(store::Engine& engine);

/// Errc::conflict where somebody else changed it since `kept.revision`.
store::Batch putAlliance(const KeptAlliance& kept);
/// No change of the list, so no revision.
store::Batch noteAllianceLook(const std::string& name, const AllianceLook& look);

}  // namespace postseal::discover
