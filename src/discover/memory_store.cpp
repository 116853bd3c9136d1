#include "discover/memory_store.hpp"

#include "base/registrable_domain.hpp"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

namespace postseal::discover {
namespace {

using record::Assurance;
using store::Row;
using store::Statement;
using store::Value;

constexpr std::array<std::string_view, 2> steps{R"(
CREATE TABLE memories(
  domain TEXT PRIMARY KEY, revision INTEGER NOT NULL,
  deliveries INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, seconds INTEGER NOT NULL,
  encrypted INTEGER NOT NULL, encrypted_first INTEGER NOT NULL, encrypted_last INTEGER NOT NULL,
  encrypted_seconds INTEGER NOT NULL,
  authenticated INTEGER NOT NULL, authenticated_first INTEGER NOT NULL, authenticated_last INTEGER NOT NULL,
  authenticated_seconds INTEGER NOT NULL,
  proof TEXT NOT NULL, host TEXT NOT NULL,
  fall TEXT, fall_since INTEGER, fall_last INTEGER, fall_told INTEGER, fall_seconds INTEGER, fall_words TEXT,
  accepted_at INTEGER, accepted_by TEXT, accepted_reason TEXT) WITHOUT ROWID;
CREATE INDEX memories_by_revision ON memories(revision) WHERE revision > 0;
)",
                                                // How much of an older fall was seen in clear text is not
                                                // known, so the grace period for that begins anew.
                                                R"(
ALTER TABLE memories ADD COLUMN clear_since INTEGER;
ALTER TABLE memories ADD COLUMN clear_last INTEGER;
ALTER TABLE memories ADD COLUMN clear_told INTEGER;
ALTER TABLE memories ADD COLUMN clear_seconds INTEGER;
ALTER TABLE memories ADD COLUMN clear_words TEXT;
UPDATE memories SET clear_since = fall_since, clear_last = fall_last, clear_told = fall_told, clear_seconds = 0,
  clear_words = fall_words WHERE fall = 'cleartext';
UPDATE memories SET fall = CASE WHEN authenticated > 0 THEN 'encrypted' END WHERE fall = 'cleartext';
)"};

// Columns in the table's order; the last of them is named, so that an older table is an error and not read as
// if nothing stood there.
constexpr Statement selectAll{"SELECT * FROM memories ORDER BY domain, clear_words"};
constexpr Statement selectChanged{
    "SELECT * FROM memories WHERE revision > 0 AND revision > ?1 ORDER BY domain, clear_words"};
constexpr Statement selectOne{"SELECT * FROM memories WHERE domain = ?1 ORDER BY clear_words"};
// What knows only an older revision is not written.
constexpr Statement write{
    "INSERT INTO memories VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, "
    "?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30) "
    "ON CONFLICT(domain) DO UPDATE SET deliveries = excluded.deliveries, first = excluded.first, "
    "last = excluded.last, seconds = excluded.seconds, encrypted = excluded.encrypted, "
    "encrypted_first = excluded.encrypted_first, encrypted_last = excluded.encrypted_last, "
    "encrypted_seconds = excluded.encrypted_seconds, authenticated = excluded.authenticated, "
    "authenticated_first = excluded.authenticated_first, authenticated_last = excluded.authenticated_last, "
    "authenticated_seconds = excluded.authenticated_seconds, proof = excluded.proof, host = excluded.host, "
    "fall = excluded.fall, fall_since = excluded.fall_since, fall_last = excluded.fall_last, "
    "fall_told = excluded.fall_told, fall_seconds = excluded.fall_seconds, fall_words = excluded.fall_words, "
    "accepted_at = excluded.accepted_at, accepted_by = excluded.accepted_by, "
    "accepted_reason = excluded.accepted_reason, clear_since = excluded.clear_since, "
    "clear_last = excluded.clear_last, clear_told = excluded.clear_told, "
    "clear_seconds = excluded.clear_seconds, clear_words = excluded.clear_words "
    "WHERE revision <= excluded.revision"};
constexpr Statement raiseRevision{
    "UPDATE memories SET revision = (SELECT MAX(revision) FROM memories) + 1 WHERE domain = ?1"};
constexpr Statement remove{"DELETE FROM memories WHERE domain = ?1"};

constexpr int reachedColumn = 2, proofColumn = 14, fallColumn = 16, acceptedColumn = 22, clearColumn = 25;
constexpr std::size_t removedAtOnce = 500;

std::chrono::seconds secondsOf(const Row& row, int column) {
    return std::chrono::seconds(row.integer(column));
}

policy::Reached reachedOf(const Row& row, int column) {
    return {.deliveries = static_cast<std::uint32_t>(row.integer(column)),
            .first = base::fromMicros(row.integer(column + 1)),
            .last = base::fromMicros(row.integer(column + 2)),
            .time = secondsOf(row, column + 3)};
}

policy::Fall fallOf(const Row& row, Assurance found, int column) {
    return {.found = found,
            .since = base::fromMicros(row.integer(column)),
            .last = base::fromMicros(row.integer(column + 1)),
            .told = base::fromMicros(row.integer(column + 2)),
            .time = secondsOf(row, column + 3),
            .words = std::string(row.text(column + 4))};
}

RememberedDomain rowOf(const Row& row) {
    RememberedDomain found{.domain = std::string(row.text(0)), .revision = row.integer(1)};
    auto& memory = found.memory;
    for (std::size_t i = 0; i < memory.reached.size(); ++i)
        memory.reached.at(i) = reachedOf(row, reachedColumn + static_cast<int>(i) * 4);
    memory.proof = record::parseProof(row.text(proofColumn)).value_or(record::Proof::none);
    memory.host = row.text(proofColumn + 1);
    if (!row.isNull(clearColumn)) memory.falls[0] = fallOf(row, Assurance::cleartext, clearColumn);
    if (!row.isNull(fallColumn)) memory.falls[1] = fallOf(row, Assurance::encrypted, fallColumn + 1);
    if (!row.isNull(acceptedColumn))
        memory.accepted = {.by = std::string(row.text(acceptedColumn + 1)),
                           .reason = std::string(row.text(acceptedColumn + 2)),
                           .at = base::fromMicros(row.integer(acceptedColumn))};
    return found;
}

base::Result<std::vector<RememberedDomain>> rowsOf(store::Engine& engine, const Statement& statement,
                                                   std::span<const Value> values) {
    std::vector<RememberedDomain> rows;
    const auto read = engine.query(statement, values, [&](const Row& row) { rows.push_back(rowOf(row)); });
    if (!read) return base::fail(read.error());
    return rows;
}

/// What is worth least is least: the class that is remembered (a fall is not to be forgotten either), then
/// when it was last of use.
using Worth = std::tuple<int, base::Timestamp>;

Worth worthOf(const policy::Memory& memory, const policy::MemorySettings& settings) {
    const auto last = memory.of(Assurance::cleartext).last;
    const auto wanted = policy::remembered(memory, settings);
    if (!wanted) return {0, last};
    return {wanted == Assurance::authenticated || memory.fall() ? 2 : 1, last};
}

/// Whether more than a count has changed.
bool isNews(const policy::Memory& before, const policy::Memory& now, const policy::MemorySettings& settings) {
    return before.falls != now.falls || before.proof != now.proof || !policy::remembered(before, settings) ||
           policy::remembered(before, settings) != policy::remembered(now, settings);
}

}  // namespace

const store::Schema memorySchema{"memory", steps};

base::Result<std::vector<RememberedDomain>> memories(store::Engine& engine, std::int64_t after) {
    if (after < 0) return rowsOf(engine, selectAll, {});
    return rowsOf(engine, selectChanged, std::array{Value(after)});
}

base::Result<std::optional<RememberedDomain>> memoryOf(store::Engine& engine, const std::string& domain) {
    auto rows = rowsOf(engine, selectOne, std::array{Value(domain)});
    if (!rows) return base::fail(rows.error());
    if (rows->empty()) return std::optional<RememberedDomain>();
    return std::move(rows->front());
}

store::Batch changeMemory(const RememberedDomain& changed) {
    store::Batch batch;
    MemoryStore::append(batch, changed);
    batch.expect(1, raiseRevision, changed.domain);
    return batch;
}

void MemoryStore::append(store::Batch& batch, const RememberedDomain& row) {
    const auto& [domain, memory, revision] = row;
    const auto& [any, encrypted, authenticated] = memory.reached;
    const auto time = [](const auto& part, auto member) {
        return part ? Value(base::toMicros((*part).*member)) : Value();
    };
    const auto text = [](const auto& part, auto member) { return part ? Value((*part).*member) : Value(); };
    using policy::Acceptance;
    using policy::Fall;
    const auto& [clear, fall] = memory.falls;
    const auto& accepted = memory.accepted;
    const auto number = [](auto value) { return static_cast<std::int64_t>(value); };
    const auto seconds = [](const auto& part) {
        return part ? Value(static_cast<std::int64_t>(part->time.count())) : Value();
    };
    batch.add(write, domain, revision, number(any.deliveries), base::toMicros(any.first),
              base::toMicros(any.last), number(any.time.count()), number(encrypted.deliveries),
              base::toMicros(encrypted.first), base::toMicros(encrypted.last), number(encrypted.time.count()),
              number(authenticated.deliveries), base::toMicros(authenticated.first),
              base::toMicros(authenticated.last), number(authenticated.time.count()),
              std::string(record::toText(memory.proof)), memory.host,
              fall ? Value(std::string(record::toText(fall->found))) : Value(), time(fall, &Fall::since),
              time(fall, &Fall::last), time(fall, &Fall::told), seconds(fall), text(fall, &Fall::words),
              time(accepted, &Acceptance::at), text(accepted, &Acceptance::by),
              text(accepted, &Acceptance::reason), time(clear, &Fall::since), time(clear, &Fall::last),
              time(clear, &Fall::told), seconds(clear), text(clear, &Fall::words));
}

base::Result<std::vector<RememberedDomain>> MemoryStore::load(store::Readers& readers) {
    std::int64_t newest = 0;
    {
        const std::scoped_lock lock(mutex_);
        newest = newest_;
    }
    auto rows = readers.read<std::vector<RememberedDomain>>(
        [newest](store::Engine& engine) { return memories(engine, newest); });
    if (!rows) return rows;
    const std::scoped_lock lock(mutex_);
    newest_ = std::max<std::int64_t>(newest_, 0);
    for (const auto& row : *rows) {
        newest_ = std::max(newest_, row.revision);
        kept_.insert_or_assign(row.domain,
                               Kept{row.memory, row.revision, row.memory.of(Assurance::cleartext).last});
        shares_[base::registrableDomain(row.domain)].insert(row.domain);
    }
    isLoaded_ = true;
    return rows;
}

void MemoryStore::replace(const policy::MemorySettings& settings) {
    const std::scoped_lock lock(mutex_);
    settings_ = settings;
}

std::optional<policy::Claim> MemoryStore::claim(const std::string& domain) const {
    const std::scoped_lock lock(mutex_);
    const auto known = kept_.find(domain);
    return known == kept_.end() ? std::nullopt : policy::memoryClaim(known->second.memory, settings_);
}

MemoryStore::Observed MemoryStore::observe(const std::string& domain, const policy::Contact& contact,
                                           base::Timestamp now) {
    const std::scoped_lock lock(mutex_);
    if (!isLoaded_ || settings_.mode == policy::MemoryMode::off) return {};
    auto known = kept_.find(domain);
    if (known == kept_.end()) {
        if (contact.fate == policy::Contact::Fate::held || !hasRoomFor(domain)) return {};
        known = kept_.try_emplace(domain).first;
        shares_[base::registrableDomain(domain)].insert(domain);
    }
    auto& kept = known->second;
    auto next = policy::after(kept.memory, contact, settings_, now);
    const bool isDue = now - kept.written >= writtenAgain || now < kept.written;
    const bool isWritten = isDue || isNews(kept.memory, next.memory, settings_);
    kept.memory = std::move(next.memory);
    Observed observed{.notice = std::move(next.notice), .claimChanged = next.claimChanged};
    if (!isWritten) return observed;
    kept.written = now;
    observed.row = {domain, kept.memory, kept.revision};
    return observed;
}

/// In its share, where one that makes no memory gives way to it, and among all.
bool MemoryStore::hasRoomFor(const std::string& domain) {
    if (kept_.size() >= most_) return false;
    const auto share = shares_.find(base::registrableDomain(domain));
    if (share == shares_.end() || share->second.size() < std::max<std::size_t>(1, most_ / shares))
        return true;
    const auto worth = [&](const std::string& other) { return worthOf(kept_.at(other).memory, settings_); };
    const auto least = *std::ranges::min_element(share->second, {}, worth);
    if (policy::remembered(kept_.at(least).memory, settings_)) return false;
    forget(least);
    displaced_.push_back(least);
    return true;
}

void MemoryStore::forget(const std::string& domain) {
    kept_.erase(domain);
    const auto share = shares_.find(base::registrableDomain(domain));
    if (share == shares_.end()) return;
    share->second.erase(domain);
    if (share->second.empty()) shares_.erase(share);
}

bool MemoryStore::isFull() const {
    const std::scoped_lock lock(mutex_);
    return isFull_;
}

std::optional<store::Batch> MemoryStore::trim() {
    const std::scoped_lock lock(mutex_);
    auto gone = std::exchange(displaced_, {});
    const auto wanted = most_ - most_ / 10;
    if (kept_.size() + most_ / 10 < wanted) isFull_ = false;
    if (kept_.size() > wanted) {
        std::vector<std::pair<Worth, const std::string*>> all;
        all.reserve(kept_.size());
        for (const auto& [domain, kept] : kept_)
            all.emplace_back(worthOf(kept.memory, settings_), &domain);
        const auto end =
            all.begin() + static_cast<std::ptrdiff_t>(std::min(kept_.size() - wanted, removedAtOnce));
        std::ranges::nth_element(all, end - 1);
        for (auto each = all.begin(); each != end; ++each) {
            isFull_ = isFull_ || std::get<int>(each->first) > 0;
            gone.push_back(*each->second);
            forget(gone.back());
        }
    }
    if (gone.empty()) return std::nullopt;
    store::Batch batch;
    for (auto& domain : gone)
        batch.add(remove, std::move(domain));
    return batch;
}

}  // namespace postseal::discover
