#include "companion/questions.hpp"

#include <array>
#include <string_view>

namespace postseal::companion {
namespace {

using std::chrono::sys_days;
using store::Row;
using store::Statement;

constexpr std::array<std::string_view, 1> steps{R"(
CREATE TABLE socketmap_questions(
  day INTEGER NOT NULL, next_hop TEXT NOT NULL, answer TEXT NOT NULL, questions INTEGER NOT NULL,
  last INTEGER NOT NULL, PRIMARY KEY(day, next_hop, answer)) WITHOUT ROWID;
)"};

constexpr Statement count{
    "INSERT INTO socketmap_questions(day, next_hop, answer, questions, last) VALUES(?1, ?2, ?3, ?4, ?5) "
    "ON CONFLICT(day, next_hop, answer) DO UPDATE SET questions = questions + excluded.questions, "
    "last = excluded.last"};
constexpr Statement expire{"DELETE FROM socketmap_questions WHERE day < ?1"};
constexpr Statement selectSince{
    "SELECT day, next_hop, answer, questions, last FROM socketmap_questions WHERE day >= ?1 "
    "ORDER BY day DESC, next_hop, answer LIMIT ?2"};

sys_days dayOf(base::Timestamp time) {
    return std::chrono::floor<std::chrono::days>(time);
}

std::int64_t numberOf(sys_days day) {
    return day.time_since_epoch().count();
}

}  // namespace

const store::Schema questionsSchema{"socketmap", steps};

std::string wordOf(const MapReply& reply) {
    switch (reply.kind) {
    case MapReply::Kind::ok: return reply.text.substr(0, reply.text.find(' '));
    case MapReply::Kind::notFound: return "no entry";
    case MapReply::Kind::temporary: return "wait";
    case MapReply::Kind::permanent: return "invalid";
    }
    return {};
}

base::Result<std::vector<AnsweredDay>> answeredSince(store::Engine& engine, base::Timestamp since,
                                                     std::int64_t most) {
    std::vector<AnsweredDay> all;
    const auto read = store::query(engine, selectSince, {numberOf(dayOf(since)), most}, [&](const Row& row) {
        all.push_back({.day = sys_days(std::chrono::days(row.integer(0))),
                       .nextHop = std::string(row.text(1)),
                       .answer = std::string(row.text(2)),
                       .questions = row.integer(3),
                       .last = base::fromMicros(row.integer(4))});
    });
    if (!read) return base::fail(read.error());
    return all;
}

void Questions::add(const std::string& nextHop, const MapReply& reply, base::Timestamp now) {
    const std::scoped_lock lock(mutex_);
    if (dayOf(now) != day_) known_.clear();
    day_ = dayOf(now);
    Key key{nextHop, wordOf(reply)};
    if (!known_.contains(key)) {
        if (known_.size() >= most_)
            key.first = "*";
        else
            known_.insert(key);
    }
    auto& added = added_[{day_, std::move(key)}];
    ++added.questions;
    added.last = now;
}

std::optional<store::Batch> Questions::changes(std::chrono::seconds kept, base::Timestamp now) {
    const std::scoped_lock lock(mutex_);
    store::Batch batch;
    if (dayOf(now) != trimmed_) batch.add(expire, numberOf(dayOf(now - kept)));
    trimmed_ = dayOf(now);
    for (const auto& [asked, added] : added_)
        batch.add(count, numberOf(asked.first), asked.second.first, asked.second.second, added.questions,
                  base::toMicros(added.last));
    added_.clear();
    return batch.empty() ? std::nullopt : std::optional(std::move(batch));
}

}  // namespace postseal::companion
