#include "discover/dane_history.hpp"

#include "base/registrable_domain.hpp"
#include "record/next_hop.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

namespace postseal::discover {
namespace {

using store::Row;
using store::Statement;

constexpr std::array<std::string_view, 1> steps{R"(
CREATE TABLE dane_seen(next_hop TEXT PRIMARY KEY, last INTEGER NOT NULL) WITHOUT ROWID;
)"};

constexpr Statement selectAll{"SELECT next_hop, last FROM dane_seen"};
constexpr Statement putRow{"INSERT OR REPLACE INTO dane_seen(next_hop, last) VALUES(?1, ?2)"};
constexpr Statement removeRow{"DELETE FROM dane_seen WHERE next_hop = ?1"};

std::string shareOf(const std::string& nextHop) {
    const auto parsed = record::NextHop::parse(nextHop);
    return base::registrableDomain(parsed ? record::hostText(*parsed) : nextHop);
}

}  // namespace

const store::Schema daneHistorySchema{"dane_history", steps};

base::Result<void> DaneHistory::load(store::Readers& readers) {
    using Rows = std::vector<std::pair<std::string, base::Timestamp>>;
    const auto rows = readers.read<Rows>([](store::Engine& engine) -> base::Result<Rows> {
        Rows all;
        const auto read = store::query(engine, selectAll, {}, [&](const Row& row) {
            all.emplace_back(row.text(0), base::fromMicros(row.integer(1)));
        });
        if (!read) return base::fail(read.error());
        return all;
    });
    if (!rows) return base::fail(rows.error());
    const std::scoped_lock lock(mutex_);
    for (const auto& [nextHop, last] : *rows)
        put(nextHop, last);
    isLoaded_ = true;
    return {};
}

std::optional<base::Timestamp> DaneHistory::lastOf(const std::string& nextHop) const {
    const std::scoped_lock lock(mutex_);
    const auto known = last_.find(nextHop);
    return known == last_.end() ? std::nullopt : std::optional(known->second);
}

void DaneHistory::seen(const std::string& nextHop, base::Timestamp now) {
    const std::scoped_lock lock(mutex_);
    const auto known = last_.find(nextHop);
    if (known != last_.end() && now >= known->second && now - known->second < seenAgain) return;
    if (known == last_.end())
        makeRoom(shareOf(nextHop));
    else
        erase(nextHop);
    put(nextHop, now);
    changed_.insert(nextHop);
}

void DaneHistory::givenUp(const std::string& nextHop) {
    const std::scoped_lock lock(mutex_);
    if (!last_.contains(nextHop)) return;
    erase(nextHop);
    changed_.insert(nextHop);
}

std::optional<store::Batch> DaneHistory::changes() {
    const std::scoped_lock lock(mutex_);
    if (changed_.empty()) return std::nullopt;
    store::Batch batch;
    for (std::size_t i = 0; i < writtenAtOnce && !changed_.empty(); ++i) {
        const auto nextHop = changed_.extract(changed_.begin()).value();
        const auto known = last_.find(nextHop);
        if (known == last_.end())
            batch.add(removeRow, nextHop);
        else
            batch.add(putRow, nextHop, base::toMicros(known->second));
    }
    return batch;
}

void DaneHistory::put(const std::string& nextHop, base::Timestamp last) {
    last_.insert_or_assign(nextHop, last);
    uses_.emplace(last, nextHop);
    shares_[shareOf(nextHop)].emplace(last, nextHop);
}

void DaneHistory::erase(const std::string& nextHop) {
    const auto use = std::pair(last_.at(nextHop), nextHop);
    const auto share = shares_.find(shareOf(nextHop));
    share->second.erase(use);
    if (share->second.empty()) shares_.erase(share);
    uses_.erase(use);
    last_.erase(nextHop);
}

void DaneHistory::makeRoom(const std::string& share) {
    const auto found = shares_.find(share);
    const bool isShareFull =
        found != shares_.end() && found->second.size() >= std::max<std::size_t>(1, most_ / shares);
    if (!isShareFull && last_.size() < most_) return;
    const auto gone = (isShareFull ? found->second : uses_).begin()->second;
    erase(gone);
    changed_.insert(gone);
}

}  // namespace postseal::discover
