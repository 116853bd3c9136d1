// What the rules for incoming mail refused, or would have refused (mode testing): counted by day, rule,
// domain of the sender, client and recipient, so that a week of it can be read, and told to those who were
// written to. Who tries is a stranger, so the rows of a day are bounded, for each client and in all; what is
// beyond them is counted by rule, and beyond that together. Kept for `[ledger] refused`. All cores add, under
// one lock; the server's tick writes.
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "store/batch.hpp"
#include "store/migrations.hpp"

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace postseal::ledger {

extern const store::Schema refusedSchema;

/// Whether the rule was in force: what only would have been refused was accepted.
enum class RefusedMode { enforce, testing };
std::string_view toText(RefusedMode mode);

/// Of one recipient of one message. Texts of strangers: bounded when they are added, escaped when they are
/// shown.
struct RefusedMail {
    RefusedMode mode = RefusedMode::enforce;
    std::string rule;          // its key, as in the map
    std::string origin;        // `map`, `alliance:NAME`
    std::string senderDomain;  // whose mail the rule is about; empty: the null sender
    std::string client;        // `host[address]`
    std::string recipient;
    std::string sender;  // the last one's address; empty: the null sender
    std::string reason;  // the last one's, for people
    base::Timestamp time{};
};

class RefusedMails {
public:
    static constexpr std::size_t mostADay = 10'000;   // rows with client and recipient
    static constexpr std::size_t mostOfClient = 100;  // of these
    static constexpr std::size_t mostRules = 2'000;   // rows beyond, by rule and domain
    static constexpr std::string_view others = "*";   // what stands for all that has no row of its own

    explicit RefusedMails(std::size_t most = mostADay) : most_(most) {}

    void add(RefusedMail refused);
    /// What was added since the last call, and on a new day the end of what is older than `kept`; none:
    /// nothing.
    std::optional<store::Batch> changes(std::chrono::seconds kept, base::Timestamp now);

private:
    struct Key {
        RefusedMode mode = RefusedMode::enforce;
        std::string rule, origin, senderDomain, client, recipient;

        auto operator<=>(const Key&) const = default;
    };
    struct Count {
        std::int64_t mails = 0;
        base::Timestamp first{}, last{};
        std::string sender, reason;
    };

    Key keyOf(const RefusedMail& refused);

    const std::size_t most_;
    std::mutex mutex_;
    std::chrono::sys_days day_{};                  // guarded by mutex_, as all below
    std::set<Key> known_, rules_;                  // of the day
    std::map<std::string, std::size_t> ofClient_;  // rows of the day
    std::map<std::pair<std::chrono::sys_days, Key>, Count> added_;
    std::chrono::sys_days trimmed_{};
};

/// Who was refused by which rule, all recipients and days together: what `postseal report refused` prints.
struct RefusedSum {
    std::string mode;  // enforce, testing
    std::string rule, origin, senderDomain, client;
    std::vector<std::string> recipients;  // at most mostShown, in their order
    std::int64_t count = 0;
    base::Timestamp first{}, last{};
    std::string reason;  // of the last

    static constexpr std::size_t mostShown = 100;
    bool operator==(const RefusedSum&) const = default;
};

/// Those since then, whole days of UTC; the most refused first.
base::Result<std::vector<RefusedSum>> refusedSince(store::Engine& engine, base::Timestamp since);

/// One who wrote to one recipient, on one day.
struct RefusedTo {
    std::string recipient;
    std::string mode;
    std::string sender;  // the last one's address; empty: the null sender
    std::string client;
    std::int64_t count = 0;
    base::Timestamp last{};

    bool operator==(const RefusedTo&) const = default;
};
/// Of that day, by recipient, the most refused first.
base::Result<std::vector<RefusedTo>> refusedOn(store::Engine& engine, std::chrono::sys_days day);

/// The letter to this mailbox about that day is written; the batch fails where it was before.
void markDigest(store::Batch& batch, std::chrono::sys_days day, std::string_view mailbox);
base::Result<std::set<std::string>> digestsOf(store::Engine& engine, std::chrono::sys_days day);

/// An array, as `postseal report refused --json` prints it.
std::string toJson(const std::vector<RefusedSum>& sums);

}  // namespace postseal::ledger
