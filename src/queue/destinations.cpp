#include "queue/destinations.hpp"

#include "record/json_text.hpp"
#include "store/key.hpp"

#include <algorithm>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace postseal::queue {
namespace {

using store::Row;
using store::Statement;

constexpr Statement selectAfter{
    "SELECT message, number, next_hop, state, claimed, next_attempt, reason FROM recipients "
    "WHERE (message, number) > (?1, ?2) ORDER BY message, number LIMIT ?3"};

constexpr std::int64_t rowsAtOnce = 10'000;  // of a read, which holds the log: some 10 ms
constexpr std::size_t mostReasons = 32;      // told apart for one destination; some peers number each

struct Counted {
    ListedDestination listed;
    std::unordered_map<std::string, std::int64_t> reasons;
};
using ByNextHop = std::unordered_map<std::string, Counted>;

void count(const Row& row, ByNextHop& all) {
    auto& [listed, reasons] = all[std::string(row.text(2))];
    if (listed.nextHop.empty()) {
        listed.nextHop = row.text(2);
        listed.oldest = store::fromKey(row.integer(0)).time();  // ids begin with the time of arrival
    }
    const bool isQueued = row.integer(3) == 0;
    const bool isLeased = row.integer(4) != 0;
    ++(isLeased ? listed.inDelivery : isQueued ? listed.waiting : listed.held);
    if (isQueued && !isLeased) {
        const auto due = base::fromMicros(row.integer(5));
        listed.nextAttempt = std::min(listed.nextAttempt.value_or(due), due);
    }
    std::string reason(row.text(6));  // whosever failure it was
    if (!reason.empty() && (reasons.size() < mostReasons || reasons.contains(reason)))
        ++reasons[std::move(reason)];
}

}  // namespace

base::Result<std::vector<ListedDestination>> destinations(store::Engine& engine) {
    ByNextHop all;
    std::int64_t message = 0;
    std::int64_t number = -1;
    for (std::int64_t rows = rowsAtOnce; rows == rowsAtOnce;) {
        rows = 0;
        const auto read =
            store::query(engine, selectAfter, {message, number, rowsAtOnce}, [&](const Row& row) {
                ++rows;
                message = row.integer(0);
                number = row.integer(1);
                count(row, all);
            });
        if (!read) return base::fail(read.error());
    }
    std::vector<ListedDestination> list;
    for (auto& [nextHop, counted] : all) {
        const auto most =
            std::ranges::max_element(counted.reasons, {}, [](const auto& one) { return one.second; });
        if (most != counted.reasons.end()) counted.listed.reason = most->first;
        list.push_back(std::move(counted.listed));
    }
    std::ranges::sort(list, {}, [](const ListedDestination& one) {
        return std::tuple(-(one.waiting + one.inDelivery + one.held), one.nextHop);
    });
    return list;
}

std::string toJson(const ListedDestination& destination) {
    record::JsonText json;
    json.open('{');
    json.member("next_hop", destination.nextHop).member("waiting", destination.waiting);
    json.member("in_delivery", destination.inDelivery).member("held", destination.held);
    json.member("oldest", base::toRfc3339(destination.oldest)).member("reason", destination.reason);
    json.key("next_attempt")
        .valueOrNull(destination.nextAttempt ? base::toRfc3339(*destination.nextAttempt) : std::string());
    json.close('}');
    return json.take();
}

}  // namespace postseal::queue
