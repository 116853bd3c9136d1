#include "deliver/fates.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

using namespace postseal;
using namespace postseal::deliver;
using namespace std::chrono_literals;

namespace {

using record::HopResult;

constexpr record::Notify unasked{};
constexpr record::Notify never{.isAsked = true, .failure = false, .delay = false};
constexpr record::Notify ofSuccess{.isAsked = true, .success = true, .failure = true, .delay = false};
constexpr record::Notify ofFailure{.isAsked = true, .failure = true, .delay = false};

const base::Timestamp now = base::Timestamp() + 24h * 365 * 50;

enum class Sender { one, none };

queue::Message aged(Sender sender, std::chrono::hours age) {
    queue::Message message;
    message.arrived = now - age;
    if (sender == Sender::one) message.sender = *record::Mailbox::parse("a@example.com");
    return message;
}

RecipientEnd ended(HopResult result, int attempts, record::Notify notify,
                   RecipientEnd::Means means = RecipientEnd::Means::relayed) {
    RecipientEnd end{.recipient = {1, *record::Mailbox::parse("x@example.net"), attempts, notify}};
    end.result = result;
    end.means = means;
    return end;
}

/// Where the only recipient is, and what is told of it: "kept", "deferred, delay".
std::string fateOf(const queue::Message& message, const RecipientEnd& end) {
    const auto fates = fatesOf({}, message, {end}, now);
    std::string text;
    const auto name = [&](const char* word, const auto& ends) {
        if (!ends.empty()) text += text.empty() ? word : std::string(" and ") + word;
    };
    name("delivered", fates.delivered);
    name("returned", fates.returned);
    name("discarded", fates.discarded);
    name("kept", fates.kept);
    name("deferred", fates.deferred);
    for (const auto& telling : tellingsOf(message, fates))
        switch (telling.kind) {
        case DsnKind::failure: text += ", failure"; break;
        case DsnKind::delay: text += ", delay"; break;
        case DsnKind::success: text += ", success"; break;
        }
    return text;
}

}  // namespace

TEST_CASE("RFC 3461 §5.2: who ends how, and when a sender is told") {
    using Means = RecipientEnd::Means;
    constexpr int young = 0, late = 12, spent = 40;  // attempts failed before
    struct Row {
        const char* why;
        Sender sender;
        std::chrono::hours age;
        RecipientEnd end;
        const char* want;
    };
    const Row rows[] = {
        {"delivered, nothing asked", Sender::one, 0h, ended(HopResult::delivered, young, unasked),
         "delivered"},
        {"success asked, the peer knows no DSN", Sender::one, 0h,
         ended(HopResult::delivered, young, ofSuccess), "delivered, success"},
        {"§5.2.2: the peer tells it itself", Sender::one, 0h,
         ended(HopResult::delivered, young, ofSuccess, Means::passedOn), "delivered"},
        {"success asked, and it is in the mailbox", Sender::one, 0h,
         ended(HopResult::delivered, young, ofSuccess, Means::final), "delivered, success"},
        {"nobody is told of the success of a report", Sender::none, 0h,
         ended(HopResult::delivered, young, ofSuccess), "delivered"},
        {"refused", Sender::one, 0h, ended(HopResult::bounced, young, unasked), "returned, failure"},
        {"§5.2.6: refused, and NOTIFY=NEVER", Sender::one, 0h, ended(HopResult::bounced, young, never),
         "discarded"},
        {"a report that is refused is kept", Sender::none, 0h, ended(HopResult::bounced, young, unasked),
         "kept"},
        {"whatever its NOTIFY says", Sender::none, 0h, ended(HopResult::bounced, young, never), "kept"},
        {"put off", Sender::one, 1h, ended(HopResult::deferred, young, unasked), "deferred"},
        {"late", Sender::one, 5h, ended(HopResult::deferred, late, unasked), "deferred, delay"},
        {"late, but asked only of failures", Sender::one, 5h, ended(HopResult::deferred, late, ofFailure),
         "deferred"},
        {"late, and a report", Sender::none, 5h, ended(HopResult::deferred, late, unasked), "deferred"},
        {"rule 54: old by a clock that jumped", Sender::one, 24h * 365,
         ended(HopResult::deferred, young, unasked), "deferred"},
        {"too old, and tried often enough", Sender::one, 24h * 6, ended(HopResult::deferred, spent, unasked),
         "returned, failure"},
        {"too old, and NOTIFY=NEVER", Sender::one, 24h * 6, ended(HopResult::deferred, spent, never),
         "discarded"},
        {"a report that nobody took in time is kept", Sender::none, 24h * 6,
         ended(HopResult::deferred, spent, unasked), "kept"},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        CHECK(fateOf(aged(row.sender, row.age), row.end) == row.want);
    }
}

TEST_CASE("a delay is told once") {
    auto end = ended(HopResult::deferred, 12, unasked);
    end.recipient.toldDelay = true;
    CHECK(fateOf(aged(Sender::one, 5h), end) == "deferred");
}

TEST_CASE("what is put off together comes again by the least tried") {
    const std::vector ends{ended(HopResult::deferred, 7, unasked), ended(HopResult::deferred, 0, unasked)};
    const queue::RetrySettings settings{.first = 300s, .max = 14400s};
    CHECK(nextAttempt(settings, ends, now, 0.5) == now + 300s);
}
