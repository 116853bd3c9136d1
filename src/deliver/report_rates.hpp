// How many reports leave in an hour for those who are not ours: who makes us write many of them, by a
// sender's address that is another's, must not flood that one with our good name. What tells of a failure
// then waits, and no longer than mail may wait; what tells of a delay or a success is let go. Reads no clock.
// One for all cores: any thread, held for a look.
#pragma once

#include "base/time.hpp"
#include "directory/directory.hpp"
#include "record/mailbox.hpp"

#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace postseal::deliver {

/// An hour; as many may leave at once. 0: no bound.
struct ReportLimits {
    std::size_t toDomain = 300;  // registered domain
    std::size_t inAll = 3000;

    bool operator==(const ReportLimits&) const = default;
};

/// The registered domain that reports to `sender` leave for; none: it is ours, or has a route of its own.
std::optional<std::string> strangerOf(const directory::Directory& directory, const record::Mailbox& sender,
                                      base::Timestamp now);

class ReportRates {
public:
    static constexpr std::size_t mostDomains = 10'000;

    /// Whether one more may leave now; it counts then. One that may not takes nobody else's turn.
    bool takes(const std::string& domain, const ReportLimits& limits, base::Tick now);
    /// Counts one that was let go; how many since the start.
    std::size_t letGo();

private:
    base::Tick& spreadOf(const std::string& domain, base::Tick now);

    std::mutex mutex_;
    // When all that has left has been spread over time; in the past: nothing counts any longer.
    std::unordered_map<std::string, base::Tick> domains_;
    base::Tick all_{};
    std::size_t letGo_ = 0;
};

}  // namespace postseal::deliver
