#include "discover/memory_store.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace postseal::discover {
namespace {

using record::Assurance;
using store::Row;
using store::Statement;
using store::Value;

constexpr std::array<std::string_view, 1> steps{R"(
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
)"};

// Columns in the table's order.
constexpr Statement selectAll{"SELECT * FROM memories ORDER BY domain"};
constexpr Statement selectChanged{"SELECT * FROM memories WHERE revision > 0 AND revision > ?1"};
constexpr Statement selectOne{"SELECT * FROM memories WHERE domain = ?1"};
// What knows only an older revision is not written.
constexpr Statement write{
    "INSERT INTO memories VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, "
    "?18, "
    "?19, ?20, ?21, ?22, ?23, ?24, ?25) ON CONFLICT(domain) DO UPDATE SET deliveries = excluded.deliveries, "
    "first = "
    "excluded.first, last = excluded.last, seconds = excluded.seconds, encrypted = excluded.encrypted, "
    "encrypted_first = excluded.encrypted_first, encrypted_last = excluded.encrypted_last, encrypted_seconds "
    "= "
    "excluded.encrypted_seconds, authenticated = excluded.authenticated, authenticated_first = "
    "excluded.authenticated_first, authenticated_last = excluded.authenticated_last, authenticated_seconds = "
    "excluded.authenticated_seconds, proof = excluded.proof, host = excluded.host, fall = excluded.fall, "
    "fall_since "
    "= excluded.fall_since, fall_last = excluded.fall_last, fall_told = excluded.fall_told, fall_seconds = "
    "excluded.fall_seconds, fall_words = excluded.fall_words, accepted_at = excluded.accepted_at, "
    "accepted_by = "
    "excluded.accepted_by, accepted_reason = excluded.accepted_reason WHERE revision <= excluded.revision"};
constexpr Statement raiseRevision{
    "UPDATE memories SET revision = (SELECT MAX(revision) FROM memories) + 1 WHERE domain = ?1"};
constexpr Statement remove{"DELETE FROM memories WHERE domain = ?1"};

constexpr int reachedColumn = 2, proofColumn = 14, fallColumn = 16, acceptedColumn = 22;
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

RememberedDomain rowOf(const Row& row) {
    RememberedDomain found{.domain = std::string(row.text(0)), .revision = row.integer(1)};
    auto& memory = found.memory;
    for (std::size_t i = 0; i < memory.reached.size(); ++i)
        memory.reached.at(i) = reachedOf(row, reachedColumn + static_cast<int>(i) * 4);
    memory.proof = record::parseProof(row.text(proofColumn)).value_or(record::Proof::none);
    memory.host = row.text(proofColumn + 1);
    if (const auto fall = record::parseAssurance(row.text(fallColumn)))
        memory.fall = {.found = *fall,
                       .since = base::fromMicros(row.integer(fallColumn + 1)),
                       .last = base::fromMicros(row.integer(fallColumn + 2)),
                       .told = base::fromMicros(row.integer(fallColumn + 3)),
                       .time = secondsOf(row, fallColumn + 4),
                       .words = std::string(row.text(fallColumn + 5))};
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

bool isEmpty(const policy::Memory& memory) {
    return memory.of(Assurance::cleartext).deliveries == 0 && !memory.fall && !memory.accepted;
}

/// Whether more than a count has changed.
bool isNews(const policy::Memory& before, const policy::Memory& now, const policy::MemorySettings& settings) {
    return before.fall != now.fall || before.proof != now.proof || !policy::remembered(before, settings) ||
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
    const auto& fall = memory.fall;
    const auto& accepted = memory.accepted;
    const auto number = [](auto value) { return static_cast<std::int64_t>(value); };
    batch.add(write, domain, revision,  //
              number(any.deliveries), base::toMicros(any.first), base::toMicros(any.last),
              number(any.time.count()),  //
              number(encrypted.deliveries), base::toMicros(encrypted.first),
              base::toMicros(encrypted.last),  //
              number(encrypted.time.count()),  //
              number(authenticated.deliveries), base::toMicros(authenticated.first),
              base::toMicros(authenticated.last),                                                          //
              number(authenticated.time.count()),                                                          //
              std::string(record::toText(memory.proof)), memory.host,                                      //
              fall ? Value(std::string(record::toText(fall->found))) : Value(), time(fall, &Fall::since),  //
              time(fall, &Fall::last), time(fall, &Fall::told),
              fall ? Value(number(fall->time.count())) : Value(), text(fall, &Fall::words),  //
              time(accepted, &Acceptance::at), text(accepted, &Acceptance::by),
              text(accepted, &Acceptance::reason));
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
        if (contact.fate == policy::Contact::Fate::held || kept_.size() >= most_) return {};
        known = kept_.try_emplace(domain).first;
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

bool MemoryStore::isFull() const {
    const std::scoped_lock lock(mutex_);
    return kept_.size() >= most_;
}

std::optional<store::Batch> MemoryStore::trim() {
    const std::scoped_lock lock(mutex_);
    const auto wanted = most_ - most_ / 10;
    if (kept_.size() <= wanted) return std::nullopt;
    std::vector<std::pair<base::Timestamp, std::string>> idle;
    for (const auto& [domain, kept] : kept_)
        if (isEmpty(kept.memory) || (!policy::remembered(kept.memory, settings_) && !kept.memory.fall))
            idle.emplace_back(kept.memory.of(Assurance::cleartext).last, domain);
    const auto count = std::min({idle.size(), kept_.size() - wanted, removedAtOnce});
    if (count == 0) return std::nullopt;
    const auto end = idle.begin() + static_cast<std::ptrdiff_t>(count);
    std::ranges::nth_element(idle, end - 1);
    store::Batch batch;
    for (auto each = idle.begin(); each != end; ++each) {
        kept_.erase(each->second);
        batch.add(remove, std::move(each->second));
    }
    return batch;
}

}  // namespace postseal::discover
