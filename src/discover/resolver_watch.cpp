#include "discover/resolver_watch.hpp"

#include "task/event.hpp"

#include <algorithm>

namespace postseal::discover {
namespace {

using dns::Answer;
using dns::Status;
using record::DnssecStatus;

bool isProven(const Answer& answer) {
    return answer.status != Status::failed && answer.dnssec == DnssecStatus::secure;
}
/// It came, without proof.
bool isBare(const Answer& answer) {
    return answer.status != Status::failed && answer.dnssec != DnssecStatus::secure;
}
bool isFalse(const Answer& answer) {
    return answer.status == Status::failed && answer.dnssec == DnssecStatus::bogus;
}
bool isRefused(const Answer& answer) {
    return answer.status == Status::failed;
}

std::string words(ResolverHealth health) {
    switch (health) {
    case ResolverHealth::untested:
    case ResolverHealth::pending: return "not tested";
    case ResolverHealth::works: return "DNSSEC is checked: the resolver's self-test passed";
    case ResolverHealth::unknown: return "whether DNSSEC is checked is not known: ";
    case ResolverHealth::fails: return "ALARM: DNSSEC is not checked as it should be: ";
    }
    return {};
}

}  // namespace

SelfTestVerdict judgeSelfTest(std::span<const Answer> proven, std::span<const Answer> bogus) {
    using enum ResolverHealth;
    using std::ranges::any_of;
    if (any_of(bogus, isBare) && !any_of(bogus, isRefused))
        return {fails, "a name whose signatures are false was answered as if nothing were wrong"};
    if (any_of(proven, isProven)) return {works, {}};
    if (any_of(proven, isBare))
        return {fails, "a name that is signed came without proof; is it really signed, and does the resolver "
                       "validate?"};
    if (const auto wrong = std::ranges::find_if(proven, isFalse); wrong != proven.end())
        return {fails, wrong->why + "; do the servers pass signatures on, is the clock right, is the trust "
                                    "anchor of today?"};
    return {unknown, proven.empty() ? std::string("there is no name to ask for") : proven.front().why};
}

task::Awaitable<SelfTestVerdict> ResolverWatch::test(Ask ask, SelfTest names,
                                                     std::chrono::milliseconds between) {
    SelfTestVerdict verdict;
    for (int i = 0; i < tries; ++i) {
        if (i > 0 && !co_await task::sleepFor(between)) break;
        std::vector<dns::Question> questions;
        for (const auto* list : {&names.proven, &names.bogus})
            for (const auto& name : *list)
                questions.push_back({name, dns::Type::a});
        const auto answers = co_await ask(std::move(questions));
        const std::span all(answers);
        verdict = judgeSelfTest(all.first(names.proven.size()), all.subspan(names.proven.size()));
        if (verdict.health == ResolverHealth::works) break;
    }
    co_return verdict;
}

task::Awaitable<void> ResolverWatch::run(Ask ask, SelfTest names, Why why, Tell tell, log::Log log) {
    auto before = ResolverHealth::untested;
    for (;;) {
        auto verdict = co_await test(ask, names, betweenTries);
        if (verdict.health != ResolverHealth::works)
            if (const auto cause = co_await why(); !cause.empty())
                verdict.words = cause + "; " + verdict.words;  // the cure first: a line is cut at its end
        if (co_await task::isCancelled()) co_return;
        const auto line = log::Line().text(words(verdict.health) + verdict.words);
        if (verdict.health == ResolverHealth::fails)
            log.error(line);
        else if (verdict.health != before && verdict.health == ResolverHealth::unknown)
            log.warning(line);
        else if (verdict.health != before)
            log.info(line);
        before = verdict.health;
        tell(verdict.health);
        const bool isWell = verdict.health == ResolverHealth::works;
        if (!co_await task::sleepFor(isWell ? pause : pauseInTrouble)) co_return;
    }
}

}  // namespace postseal::discover
