// What a Postfix asked by socketmap and was told, counted by day, next hop and answer: the other half of what
// `postseal trace` knows, since that mail is in Postfix's log alone. Kept as long as the ledger keeps its
// details. What is asked for is a stranger's to choose, so the rows of a day are bounded, and the rest is
// counted together. All cores add, under one lock; the server's tick writes.
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "companion/postfix_policy.hpp"
#include "store/batch.hpp"
#include "store/migrations.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace postseal::companion {

extern const store::Schema questionsSchema;

/// What Postfix was told in a word: the level, or `no entry`, `wait`, `invalid`.
std::string wordOf(const MapReply& reply);

struct AnsweredDay {
    std::chrono::sys_days day;
    std::string nextHop;  // `*`: of more than a day has room for
    std::string answer;   // wordOf
    std::int64_t questions = 0;
    base::Timestamp last{};

    bool operator==(const AnsweredDay&) const = default;
};

/// Those since then, the newest day first, within a day by next hop; at most so many.
base::Result<std::vector<AnsweredDay>> answeredSince(store::Engine& engine, base::Timestamp since,
                                                     std::int64_t most);

class Questions {
public:
    static constexpr std::size_t mostADay = 10'000;

    explicit Questions(std::size_t most = mostADay) : most_(most) {}

    void add(const std::string& nextHop, const MapReply& reply, base::Timestamp now);
    /// What was added since the last call, and on a new day the end of what is older than `kept`; none:
    /// nothing.
    std::optional<store::Batch> changes(std::chrono::seconds kept, base::Timestamp now);

private:
    using Key = std::pair<std::string, std::string>;  // next hop, answer
    struct Count {
        std::int64_t questions = 0;
        base::Timestamp last{};
    };

    const std::size_t most_;
    std::mutex mutex_;
    std::chrono::sys_days day_{};  // guarded by mutex_, as all below
    std::set<Key> known_;          // of the day
    std::map<std::pair<std::chrono::sys_days, Key>, Count> added_;
    std::chrono::sys_days trimmed_{};
};

}  // namespace postseal::companion
