#include "deliver/verdict.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <utility>

using namespace postseal;
using namespace postseal::deliver;

namespace {

using record::HopResult;
using record::Status;
using record::Why;
using smtp::RecipientResult;
using smtp::SessionFailure;
using Standing::decided;
using Standing::heldByPolicy;
using Standing::putOff;
using Standing::unasked;
using Standing::unfit;
using Standing::unreached;

constexpr std::array<Standing, 5> standings{unasked, unreached, putOff, unfit, heldByPolicy};

/// What an attempt leads to where each host in turn answers so, and nobody else is there.
RecipientEnd endAfter(const std::vector<Answer>& answers, const Asked& asked = {}) {
    RecipientEnd end{.recipient = {.address = *record::Mailbox::parse("bob@example.org")}};
    for (std::size_t i = 0; i < answers.size(); ++i)
        apply(end, {.answer = answers[i], .reason = {"4.0.0", {}, std::to_string(i + 1), {}}, .hop = i});
    conclude(end, asked);
    return end;
}

}  // namespace

TEST_CASE("standing × answer: where it leads, and which of the two is told") {
    struct Row {
        const char* why;
        Answer answer;
        std::array<Step, 5> after;  // of unasked, unreached, putOff, unfit, heldByPolicy
    };
    constexpr bool told = true, kept = false;
    constexpr Step done{decided, told};
    const Row rows[] = {
        {"taken is taken", Answer::taken, {done, done, done, done, done}},
        {"a host's refusal holds for all of them (RFC 5321 §5.1)",
         Answer::refused,
         {done, done, done, done, done}},
        {"who puts it off may take it another time",
         Answer::putOff,
         {{{putOff, told}, {putOff, told}, {putOff, told}, {putOff, told}, {putOff, told}}}},
        {"and so may who was about to",
         Answer::broken,
         {{{putOff, told}, {putOff, told}, {putOff, told}, {putOff, told}, {putOff, told}}}},
        {"nobody there: what was found at another host says more",
         Answer::failed,
         {{{unreached, told}, {unreached, told}, {putOff, told}, {unfit, kept}, {heldByPolicy, kept}}}},
        {"it can't take this message: only where nobody may",
         Answer::unfit,
         {{{unfit, told}, {unfit, told}, {putOff, kept}, {unfit, told}, {heldByPolicy, kept}}}},
        {"what policy refused is what the sender must know",
         Answer::held,
         {{{heldByPolicy, told},
           {heldByPolicy, told},
           {heldByPolicy, told},
           {heldByPolicy, told},
           {heldByPolicy, told}}}},
        {"a host without an address is told where there was no other",
         Answer::skipped,
         {{{unasked, told}, {unreached, kept}, {putOff, kept}, {unfit, kept}, {heldByPolicy, kept}}}},
        {"so is one that policy keeps us from",
         Answer::skippedHeld,
         {{{heldByPolicy, told}, {unreached, kept}, {putOff, kept}, {unfit, kept}, {heldByPolicy, kept}}}},
    };
    for (const auto& row : rows)
        for (std::size_t i = 0; i < standings.size(); ++i) {
            INFO(std::string(row.why) << ": " << i);
            CHECK(stepOf(standings[i], row.answer) == row.after[i]);
        }
}

TEST_CASE("the hosts of a destination, one after the other: how a recipient ends, and whose words are told") {
    struct Row {
        const char* why;
        std::vector<Answer> answers;
        HopResult result;
        std::string told;  // the host whose words
    };
    using enum Answer;
    const Row rows[] = {
        {"the second takes it", {failed, taken}, HopResult::delivered, "2"},
        {"the second refuses it", {putOff, refused}, HopResult::bounced, "2"},
        {"nobody is there", {failed, failed}, HopResult::deferred, "2"},
        {"nobody can take it", {Answer::unfit, Answer::unfit}, HopResult::bounced, "2"},
        {"one can't, the other is not there", {Answer::unfit, failed}, HopResult::bounced, "1"},
        {"one can't, the other puts it off", {Answer::unfit, Answer::putOff}, HopResult::deferred, "2"},
        {"and the other way round", {Answer::putOff, Answer::unfit}, HopResult::deferred, "1"},
        {"put off, then nobody there, then one that can't",
         {Answer::putOff, failed, Answer::unfit},
         HopResult::deferred,
         "2"},
        {"one broke off, the other can't", {broken, Answer::unfit}, HopResult::deferred, "1"},
        {"one is not as policy demands, the other can't", {held, Answer::unfit}, HopResult::deferred, "1"},
        {"and the other way round", {Answer::unfit, held}, HopResult::deferred, "2"},
        {"policy, and nobody there", {held, failed}, HopResult::deferred, "1"},
        {"nobody there, and policy", {failed, held}, HopResult::deferred, "2"},
        {"none is looked at", {skipped, skipped}, HopResult::deferred, "2"},
        {"none may be", {skippedHeld, skipped}, HopResult::deferred, "1"},
        {"one that is not looked at says nothing beside another",
         {failed, skippedHeld},
         HopResult::deferred,
         "1"},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        const auto end = endAfter(row.answers);
        CHECK(end.result == row.result);
        CHECK(end.reason.words == row.told);
        CHECK(end.hop == row.told.front() - '1');
    }
}

TEST_CASE("rule 29: what must go with REQUIRETLS returns where every host was asked and none will do") {
    struct Row {
        const char* why;
        Answer answer;
        Asked asked;
        std::string end;  // how, and the status
    };
    using record::RequireTls;
    const Row rows[] = {
        {"none has TLS that is proven", Answer::held, {RequireTls::must}, "bounced 5.7.10"},
        {"none has the keyword", Answer::held, {RequireTls::must, Chance::none, true}, "bounced 5.7.30"},
        {"one may another time", Answer::held, {RequireTls::must, Chance::another}, "deferred 4.0.0"},
        {"a report waits (RFC 8689 §5)", Answer::held, {RequireTls::whereOffered}, "deferred 4.0.0"},
        {"other policy waits (rule 51)", Answer::held, {}, "deferred 4.0.0"},
        {"put off is put off", Answer::putOff, {RequireTls::must}, "deferred 4.0.0"},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        const auto end = endAfter({row.answer}, row.asked);
        CHECK(std::string(toText(end.result)) + " " + toText(end.reason.dsn) == row.end);
        CHECK(end.reason.dsnWhenReturned.has_value() == (end.result == HopResult::bounced));
    }
}

TEST_CASE("what a host did to a recipient, as an answer") {
    using Source = RecipientResult::Source;
    struct Row {
        const char* why;
        HopResult result;
        Source source;
        Why cause;
        Answer answer;
    };
    const Row rows[] = {
        {"250", HopResult::delivered, Source::peer, Why::none, Answer::taken},
        {"550", HopResult::bounced, Source::peer, Why::refused, Answer::refused},
        {"450", HopResult::deferred, Source::peer, Why::putOff, Answer::putOff},
        {"530 in clear text", HopResult::deferred, Source::peer, Why::demandsTls, Answer::putOff},
        {"too large for it", HopResult::bounced, Source::ours, Why::unfit, Answer::unfit},
        {"no REQUIRETLS", HopResult::bounced, Source::ours, Why::requireTlsMissing, Answer::held},
        {"gone in the midst", HopResult::deferred, Source::ours, Why::lost, Answer::broken},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        CHECK(answerOf({.result = row.result, .source = row.source, .why = row.cause}) == row.answer);
    }
}

TEST_CASE(
    "rules 45, 51: a host that demands TLS is told with what came in its way, and returns nothing at once") {
    const RecipientResult refused{.result = HopResult::deferred,
                                  .source = RecipientResult::Source::peer,
                                  .why = Why::demandsTls,
                                  .status = "4.7.0",
                                  .words = "530 5.7.0 Must issue a STARTTLS command first"};
    const auto reason =
        reasonOfClearText(refused, "the TLS handshake failed: the peer closed the connection");
    CHECK(reason.words == "the host demands TLS (530 5.7.0 Must issue a STARTTLS command first), and the TLS "
                          "handshake failed: the peer closed the connection");
    CHECK(toText(reason.dsn) == "4.7.10");
    CHECK(reason.dsnWhenReturned == Status("5.7.10"));
    CHECK(reasonOfClearText(refused, "").words.ends_with(", and the policy for it is to use none"));
}

TEST_CASE("a connection that came to nothing is never for good, and a silent port 465 gets a hint") {
    const SessionFailure never{.kind = SessionFailure::Kind::permanent,
                               .why = Why::refused,
                               .status = "5.7.1",
                               .words = "the host refused to talk to us"};
    CHECK(toText(reasonOf(never, 25).dsn) == "4.7.1");
    const SessionFailure silent{.phase = base::Phase::greeting,
                                .why = Why::lost,
                                .status = "4.4.2",
                                .words = "timed out while we waited for the greeting"};
    CHECK(reasonOf(silent, 25).words == silent.words);
    CHECK(reasonOf(silent, 465).words.find("use port 587") != std::string::npos);
    CHECK(reasonOf(never, 465).words == never.words);
}
