// The table of MTA-STS policies: what the cache in memory is read from at start and what each change is
// written to, so that a restart forgets no policy (rule 21). `mta_sts_cache` owns the rows; others only look.
#pragma once

#include "base/time.hpp"
#include "discover/sts_shelf.hpp"
#include "store/batch.hpp"
#include "store/migrations.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace postseal::discover {

extern const store::Schema stsSchema;

struct StoredSts {
    std::string domain;  // A-labels
    std::string id;
    std::string
        text;  // of the policy that was decided on (policy::toText), or as an earlier version fetched it
    base::Timestamp fetched{};
    base::Timestamp expires{};
    base::Timestamp used{};  // when a message last asked for it, as of the last fetch
    StsShelf::AskedBy askedBy = StsShelf::AskedBy::mail;

    bool operator==(const StoredSts&) const = default;
};

void put(store::Batch& batch, const StoredSts& row);
void noteMail(store::Batch& batch, const std::string& domain);
void removeSts(store::Batch& batch, const std::string& domain);

/// All of them, those that have run out too; by domain. Blocking.
base::Result<std::vector<StoredSts>> loadSts(store::Engine& engine);

}  // namespace postseal::discover
