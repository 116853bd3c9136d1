#include "ledger/refused.hpp"

#include "record/json_text.hpp"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

namespace postseal::ledger {
namespace {

using std::chrono::sys_days;
using store::Row;
using store::Statement;

constexpr std::size_t longestText = 512;  // octets of a stranger's text

constexpr std::array<std::string_view, 2> steps{R"(
CREATE TABLE refused_mail(
  day INTEGER NOT NULL, mode TEXT NOT NULL, rule TEXT NOT NULL, origin TEXT NOT NULL, sender_domain TEXT NOT NULL,
  client TEXT NOT NULL, recipient TEXT NOT NULL, count INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
  sender TEXT NOT NULL, reason TEXT NOT NULL,
  PRIMARY KEY(day, mode, rule, origin, sender_domain, client, recipient)) WITHOUT ROWID;
)",
                                                R"(
CREATE TABLE digests(day INTEGER NOT NULL, mailbox TEXT NOT NULL, PRIMARY KEY(day, mailbox)) WITHOUT ROWID;
)"};

constexpr Statement insertCount{
    "INSERT INTO refused_mail(day, mode, rule, origin, sender_domain, client, recipient, count, first, last, "
    "sender, "
    "reason) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) "
    "ON CONFLICT(day, mode, rule, origin, sender_domain, client, recipient) DO UPDATE SET "
    "count = count + excluded.count, last = excluded.last, sender = excluded.sender, reason = "
    "excluded.reason"};
constexpr Statement expireDays{"DELETE FROM refused_mail WHERE day < ?1"};
constexpr Statement expireDigests{"DELETE FROM digests WHERE day < ?1"};
constexpr Statement insertDigest{"INSERT INTO digests(day, mailbox) VALUES(?1, ?2) ON CONFLICT DO NOTHING"};
constexpr Statement selectDigests{"SELECT mailbox FROM digests WHERE day = ?1"};
constexpr Statement selectSince{
    "SELECT mode, rule, origin, sender_domain, client, recipient, count, first, last, reason FROM "
    "refused_mail "
    "WHERE day >= ?1 ORDER BY mode, rule, origin, sender_domain, client, recipient, day"};
constexpr Statement selectDay{"SELECT recipient, mode, sender, client, count, last FROM refused_mail "
                              "WHERE day = ?1 ORDER BY recipient, count DESC, sender, client"};

sys_days dayOf(base::Timestamp time) {
    return std::chrono::floor<std::chrono::days>(time);
}

std::int64_t numberOf(sys_days day) {
    return day.time_since_epoch().count();
}

std::string bounded(std::string text) {
    if (text.size() > longestText) text.resize(longestText);
    return text;
}

/// Where the row belongs to the sum: equal in all but recipient and day.
bool belongsTo(const RefusedSum& sum, const Row& row) {
    return sum.mode == row.text(0) && sum.rule == row.text(1) && sum.origin == row.text(2) &&
           sum.senderDomain == row.text(3) && sum.client == row.text(4);
}

void addTo(RefusedSum& sum, const Row& row) {
    const auto first = base::fromMicros(row.integer(7));
    const auto last = base::fromMicros(row.integer(8));
    const auto recipient = row.text(5);
    const bool isNew = sum.recipients.empty() || sum.recipients.back() != recipient;
    if (isNew && sum.recipients.size() < RefusedSum::mostShown) sum.recipients.emplace_back(recipient);
    sum.first = sum.count == 0 ? first : std::min(sum.first, first);
    if (sum.count == 0 || last >= sum.last) {
        sum.last = last;
        sum.reason = row.text(9);
    }
    sum.count += row.integer(6);
}

}  // namespace

const store::Schema refusedSchema{"refused", steps};

std::string_view toText(RefusedMode mode) {
    return mode == RefusedMode::enforce ? "enforce" : "testing";
}

/// Under which the mail is counted. Held by mutex_.
RefusedMails::Key RefusedMails::keyOf(const RefusedMail& refused) {
    Key key{.mode = refused.mode,
            .rule = refused.rule,
            .origin = refused.origin,
            .senderDomain = refused.senderDomain,
            .client = refused.client,
            .recipient = refused.recipient};
    if (known_.contains(key)) return key;
    auto& rowsOfClient = ofClient_[known_.size() < most_ ? key.client : std::string(others)];
    if (known_.size() < most_ && rowsOfClient < mostOfClient) {
        ++rowsOfClient;
        known_.insert(key);
        return key;
    }
    key.client = key.recipient = others;
    if (rules_.contains(key)) return key;
    if (rules_.size() < mostRules) {
        rules_.insert(key);
        return key;
    }
    key.rule = key.origin = key.senderDomain = others;
    return key;
}

void RefusedMails::add(RefusedMail refused) {
    for (auto* text : {&refused.rule, &refused.origin, &refused.senderDomain, &refused.client,
                       &refused.recipient, &refused.sender, &refused.reason})
        *text = bounded(std::move(*text));
    const std::scoped_lock lock(mutex_);
    if (dayOf(refused.time) != day_) {
        known_.clear();
        rules_.clear();
        ofClient_.clear();
        day_ = dayOf(refused.time);
    }
    auto& added = added_[{day_, keyOf(refused)}];
    if (added.mails++ == 0) added.first = refused.time;
    added.last = refused.time;
    added.sender = std::move(refused.sender);
    added.reason = std::move(refused.reason);
}

std::optional<store::Batch> RefusedMails::changes(std::chrono::seconds kept, base::Timestamp now) {
    store::Batch batch;
    const std::scoped_lock lock(mutex_);
    for (auto& [where, added] : added_) {
        const auto& [day, key] = where;
        batch.add(insertCount, numberOf(day), std::string(toText(key.mode)), key.rule, key.origin,
                  key.senderDomain, key.client, key.recipient, added.mails, base::toMicros(added.first),
                  base::toMicros(added.last), std::move(added.sender), std::move(added.reason));
    }
    added_.clear();
    if (dayOf(now) != trimmed_) {
        trimmed_ = dayOf(now);
        batch.add(expireDays, numberOf(dayOf(now - kept)));
        batch.add(expireDigests, numberOf(dayOf(now - kept)));
    }
    return batch.empty() ? std::nullopt : std::optional(std::move(batch));
}

base::Result<std::vector<RefusedSum>> refusedSince(store::Engine& engine, base::Timestamp since) {
    std::vector<RefusedSum> sums;
    const auto read = store::query(engine, selectSince, {numberOf(dayOf(since))}, [&](const Row& row) {
        if (sums.empty() || !belongsTo(sums.back(), row))
            sums.push_back({.mode = std::string(row.text(0)),
                            .rule = std::string(row.text(1)),
                            .origin = std::string(row.text(2)),
                            .senderDomain = std::string(row.text(3)),
                            .client = std::string(row.text(4)),
                            .recipients = {},
                            .reason = {}});
        addTo(sums.back(), row);
    });
    if (!read) return base::fail(read.error());
    std::ranges::sort(sums, [](const RefusedSum& one, const RefusedSum& other) {
        return std::tie(other.count, one.mode, one.rule, one.client) <
               std::tie(one.count, other.mode, other.rule, other.client);
    });
    return sums;
}

base::Result<std::vector<RefusedTo>> refusedOn(store::Engine& engine, sys_days day) {
    std::vector<RefusedTo> all;
    const auto read = store::query(engine, selectDay, {numberOf(day)}, [&](const Row& row) {
        all.push_back({.recipient = std::string(row.text(0)),
                       .mode = std::string(row.text(1)),
                       .sender = std::string(row.text(2)),
                       .client = std::string(row.text(3)),
                       .count = row.integer(4),
                       .last = base::fromMicros(row.integer(5))});
    });
    if (!read) return base::fail(read.error());
    return all;
}

void markDigest(store::Batch& batch, sys_days day, std::string_view mailbox) {
    batch.expect(1, insertDigest, numberOf(day), std::string(mailbox));
}

base::Result<std::set<std::string>> digestsOf(store::Engine& engine, sys_days day) {
    std::set<std::string> mailboxes;
    const auto read = store::query(engine, selectDigests, {numberOf(day)},
                                   [&](const Row& row) { mailboxes.emplace(row.text(0)); });
    if (!read) return base::fail(read.error());
    return mailboxes;
}

std::string toJson(const std::vector<RefusedSum>& sums) {
    record::JsonText json;
    json.open('[');
    for (const auto& sum : sums) {
        json.open('{');
        json.member("mode", sum.mode).member("rule", sum.rule).member("origin", sum.origin);
        json.member("sender_domain", sum.senderDomain).member("client", sum.client);
        json.key("recipients").open('[');
        for (const auto& recipient : sum.recipients)
            json.value(recipient);
        json.close(']');
        json.member("count", sum.count).member("first", base::toRfc3339(sum.first));
        json.member("last", base::toRfc3339(sum.last)).member("reason", sum.reason);
        json.close('}');
    }
    json.close(']');
    return json.take();
}

}  // namespace postseal::ledger
