// The dated exceptions (policy/exception) that administrators made by the command line: in the store and,
// under one lock, in memory for all cores. The server only reads them, and notices a change by its revision.
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "policy/exception.hpp"
#include "store/batch.hpp"
#include "store/migrations.hpp"
#include "store/readers.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace postseal::discover {

extern const store::Schema exceptionsSchema;

constexpr std::size_t mostExceptions = 10'000;

struct KeptException {
    policy::Exception exception;
    std::string endedBy = {};  // before its time
    std::int64_t revision = 0;

    bool operator==(const KeptException&) const = default;
};

/// For the command line, and to load: those of a higher revision than `after`, in the order of their names;
/// ended ones stay for `shownAfterEnd`.
constexpr std::chrono::days shownAfterEnd{90};
base::Result<std::vector<KeptException>> exceptions(store::Engine& engine, std::int64_t after = 0);
/// In place of an earlier one of that domain; old ones that ended go.
store::Batch putException(const policy::Exception& exception);
/// Errc::conflict where none holds.
store::Batch endException(const std::string& domain, const std::string& by, base::Timestamp now);

class Exceptions {
public:
    /// Takes what was changed in the store since the last call, all at first.
    base::Result<std::vector<KeptException>> load(store::Readers& readers);
    /// There is no store, so none were made.
    void startEmpty() { isLoaded_ = true; }
    /// Until then nothing is known, which is not "there is none".
    bool isLoaded() const { return isLoaded_; }
    std::optional<policy::Exception> find(const std::string& domain, base::Timestamp now) const;

private:
    std::atomic<bool> isLoaded_ = false;
    mutable std::mutex mutex_;
    std::unordered_map<std::string, policy::Exception> kept_;  // guarded by mutex_
    std::int64_t newest_ = 0;                                  // guarded by mutex_
};

}  // namespace postseal::discover
