// Which destinations are due, for one core's dispatcher: 100,000 messages for a dead host are one entry here.
// A destination that fails as a whole waits by a backoff of its own, whatever its messages wait for. Holds no
// messages and reads no clock; one thread.
#pragma once

#include "base/time.hpp"
#include "queue/backoff.hpp"

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace postseal::queue {

class Schedule {
public:
    /// Someone waits for the destination until `when`. Also after leaseDue gave as many as asked for: more
    /// are due.
    void add(const std::string& nextHop, base::Timestamp when);
    /// The destination as a whole failed: nothing of it is due before `until`. Gives how often in a row.
    int failed(const std::string& nextHop, base::Timestamp until);
    void succeeded(const std::string& nextHop);
    /// What was learned of destinations may be wrong now (policy reloaded): those that rest are forgiven and
    /// due.
    std::vector<std::string> wake(base::Timestamp now);
    /// The clock was set: all that is planned moves with it (rule 54).
    void shift(base::Microseconds jump);
    /// An administrator wants the destination tried now: it rests no longer. One connection finds out how it
    /// fares, where it failed before.
    void forgive(const std::string& nextHop, base::Timestamp now);
    /// How often in a row it failed; none: unknown or well.
    int failures(const std::string& nextHop) const;
    /// Until when the destination is left alone, if it is.
    std::optional<base::Timestamp> restsUntil(const std::string& nextHop, base::Timestamp now) const;

    /// The next moment at which takeDue gives something.
    std::optional<base::Timestamp> nextDue() const;
    /// Destinations whose time has come; each is forgotten until it is added again.
    std::vector<std::string> takeDue(base::Timestamp now, std::size_t limit);

    std::size_t size() const { return byTime_.size(); }

private:
    struct State {
        std::optional<base::Timestamp> due;
        base::Timestamp rests{};
        int failures = 0;
    };
    void place(const std::string& nextHop, State& state, std::optional<base::Timestamp> due);

    std::unordered_map<std::string, State> states_;
    std::set<std::pair<base::Timestamp, std::string>> byTime_;
};

}  // namespace postseal::queue
