// How much mail was protected how: hop records counted by recipient, in and out, in all or by the other
// side's domain, by day, or by operator (who registered the domain of the other side's host). Pure: records
// in, rows out.
#pragma once

#include "record/hop.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace postseal::ledger {

enum class TrafficBy { all, domain, day, operatorOfHost };

struct TrafficRow {
    record::Direction direction = record::Direction::out;
    std::string name;  // the domain, the day, the operator; empty where nobody was reached, or of all
    std::int64_t sealed = 0, encrypted = 0, open = 0;
    std::int64_t local = 0;     // it crossed no network
    std::int64_t waiting = 0;   // now, whenever it came
    std::int64_t returned = 0;  // refused by the other side, or given up

    std::int64_t travelled() const { return sealed + encrypted + open; }
    std::int64_t sum() const { return travelled() + local + waiting + returned; }
    bool operator==(const TrafficRow&) const = default;
};

class Traffic {
public:
    static constexpr std::size_t mostNames = 100'000;  // the rest is counted as `others`
    static constexpr std::string_view others = "(others)";

    explicit Traffic(TrafficBy by) : by_(by) {}

    /// What went through; of a failed attempt nothing is counted.
    void add(const record::HopRecord& hop);
    /// A recipient who is queued or held.
    void addWaiting(std::string_view recipient, base::Timestamp arrived);
    /// One whose mail came to nothing, whatever hop it had.
    void addReturned(std::string_view recipient, base::Timestamp time);

    /// Out before in; the most mail first, days from the oldest on. At most `limit` of each direction: the
    /// rest together is the last.
    std::vector<TrafficRow> rows(std::size_t limit) const;

private:
    TrafficRow& rowOf(record::Direction direction, std::string name);
    std::string nameOf(std::string_view address, base::Timestamp time, std::string_view host) const;

    TrafficBy by_;
    std::map<std::pair<record::Direction, std::string>, TrafficRow> rows_;
};

/// What a Postfix that asks for policies was told how often, by answer: its mail is in its own log alone.
using PolicyAnswers = std::map<std::string, std::int64_t>;

/// An object as `postseal report traffic --json` prints it.
std::string toJson(const std::vector<TrafficRow>& rows, TrafficBy by, base::Timestamp since,
                   const PolicyAnswers& answers);
std::string_view toText(TrafficBy by);

}  // namespace postseal::ledger
