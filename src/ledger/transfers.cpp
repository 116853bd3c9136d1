#include "ledger/transfers.hpp"

#include "base/ascii.hpp"
#include "record/json.hpp"

#include <chrono>
#include <vector>

namespace postseal::ledger {
namespace {

using namespace std::chrono_literals;
using record::HopRecord;
using store::Row;
using store::Statement;

constexpr std::int64_t idsAtOnce = 5000;
constexpr auto longestAttempt = 1h;  // a record is written when it is over, and bears the time when it began

constexpr Statement selectEnds{"SELECT min(id), max(id) FROM hops"};
constexpr Statement selectPage{"SELECT record FROM hops WHERE id > ?1 AND id <= ?2 AND (?3 = '' OR "
                               "instr(lower(record), ?3) > 0) ORDER BY id DESC"};
constexpr Statement selectNearest{"SELECT record FROM hops WHERE id <= ?1 ORDER BY id DESC LIMIT 1"};
constexpr Statement selectReturned{
    "SELECT address, at FROM settled WHERE at >= ?1 AND state IN ('returned', 'discarded')"};

base::Result<std::vector<HopRecord>> read(store::Engine& engine, const Statement& statement,
                                          std::initializer_list<store::Value> values) {
    std::vector<HopRecord> hops;
    std::string fault;
    const auto done = store::query(engine, statement, values, [&](const Row& row) {
        auto hop = record::parseHop(row.text(0));
        if (hop)
            hops.push_back(std::move(*hop));
        else
            fault = hop.error();
    });
    if (!done) return base::fail(done.error());
    if (!fault.empty())
        return base::fail(store::makeError(store::Errc::corrupt, "a hop record can't be read: " + fault));
    return hops;
}

/// A text as it stands in a record.
std::string inJson(const std::string& words) {
    if (words.empty()) return {};
    const auto quoted = base::toLower(record::quotedJson(words));
    return quoted.substr(1, quoted.size() - 2);
}

}  // namespace

base::Result<void> lookBack(store::Engine& engine, const Back& back,
                            const std::function<Search(HopRecord)>& see) {
    std::int64_t first = 0, last = 0;
    auto ends = store::query(engine, selectEnds, {}, [&](const Row& row) {
        first = row.integer(0);
        last = row.integer(1);
    });
    if (!ends) return ends;
    const auto words = inJson(back.words);
    for (auto to = last; to >= first && to > 0; to -= idsAtOnce) {
        const auto nearest = read(engine, selectNearest, {to});
        if (!nearest) return base::fail(nearest.error());
        if (nearest->empty() || nearest->front().time < back.to - longestAttempt) return {};
        auto page = read(engine, selectPage, {to - idsAtOnce, to, words});
        if (!page) return base::fail(page.error());
        for (auto& hop : *page)
            if (hop.time >= back.to && see(std::move(hop)) == Search::end) return {};
    }
    return {};
}

base::Result<void> lookAtReturned(store::Engine& engine, base::Timestamp since,
                                  const std::function<void(std::string address, base::Timestamp time)>& see) {
    return store::query(engine, selectReturned, {base::toMicros(since)}, [&](const Row& row) {
        see(std::string(row.text(0)), base::fromMicros(row.integer(1)));
    });
}

}  // namespace postseal::ledger
