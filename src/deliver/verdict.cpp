#include "deliver/verdict.hpp"

#include <fmt/format.h>

#include <utility>

namespace postseal::deliver {
namespace {

using record::HopResult;
using record::Status;
using record::Why;

HopResult resultOf(Answer answer) {
    switch (answer) {
    case Answer::taken: return HopResult::delivered;
    case Answer::refused: return HopResult::bounced;
    case Answer::putOff:
    case Answer::broken:
    case Answer::failed:
    case Answer::unfit:
    case Answer::held:
    case Answer::skipped:
    case Answer::skippedHeld: break;
    }
    return HopResult::deferred;
}

}  // namespace

Step stepOf(Standing before, Answer answer) {
    const auto stays = [&](bool isTold) { return Step{before, isTold}; };
    switch (answer) {
    case Answer::taken:
    case Answer::refused: return {Standing::decided, true};
    case Answer::putOff:
    case Answer::broken: return {Standing::putOff, true};
    // Whoever put it off may take it, and where policy keeps it may be another time.
    case Answer::unfit:
        if (before == Standing::putOff || before == Standing::heldByPolicy) return stays(false);
        return {Standing::unfit, true};
    // What policy refused is what the sender must know, though another host could not be reached at all; so
    // is what a host that was reached can't take.
    case Answer::failed:
        if (before == Standing::heldByPolicy || before == Standing::unfit) return stays(false);
        if (before == Standing::putOff) return stays(true);
        return {Standing::unreached, true};
    case Answer::held: return {Standing::heldByPolicy, true};
    case Answer::skipped: return stays(before == Standing::unasked);
    case Answer::skippedHeld:
        if (before == Standing::unasked) return {Standing::heldByPolicy, true};
        return stays(false);
    }
    return stays(false);
}

void apply(RecipientEnd& end, Said said) {
    const auto step = stepOf(end.standing, said.answer);
    end.standing = step.standing;
    if (!step.isTold) return;
    end.result = resultOf(said.answer);
    end.reason = std::move(said.reason);
    end.remoteMta = std::move(said.remoteMta);
    end.relay = std::move(said.relay);
    end.wantedAndGot = std::move(said.wantedAndGot);
    end.means = said.means;
    end.hop = said.hop;
}

Answer answerOf(const smtp::RecipientResult& result) {
    const bool isPeers = result.source == smtp::RecipientResult::Source::peer;
    switch (result.result) {
    case HopResult::delivered: return Answer::taken;
    case HopResult::bounced:
        if (result.why == Why::requireTlsMissing) return Answer::held;
        return isPeers ? Answer::refused : Answer::unfit;
    case HopResult::deferred:
    case HopResult::accepted:
    case HopResult::refused: break;
    }
    return isPeers ? Answer::putOff : Answer::broken;
}

Reason reasonOf(const smtp::RecipientResult& result) {
    return {.dsn = result.status, .words = result.words};
}

Reason reasonOfClearText(const smtp::RecipientResult& result, std::string_view trouble) {
    constexpr Status now = "4.7.10", inTheEnd = "5.7.10";  // encryption needed
    return {.dsn = now,
            .dsnWhenReturned = inTheEnd,
            .words = fmt::format("the host demands TLS ({}), and {}", result.words,
                                 trouble.empty() ? "the policy for it is to use none" : trouble)};
}

Reason reasonOf(const smtp::SessionFailure& failure, std::uint16_t port) {
    constexpr std::uint16_t implicitTls = 465;  // RFC 8314 §3.3
    Reason reason{.dsn = failure.status.asTemporary(), .words = failure.words};
    if (port == implicitTls && failure.phase == base::Phase::greeting && failure.why == Why::lost)
        reason.words +=
            " (at port 465 a host waits for TLS before it greets, which is not built for delivery: "
            "use port 587)";
    return reason;
}

Reason reasonOf(const discover::Failure& failure) {
    return {.dsn = Status::parse(failure.status).value_or(Status()), .words = failure.words};
}

void conclude(RecipientEnd& end, const Asked& asked) {
    switch (end.standing) {
    case Standing::unfit: end.result = HopResult::bounced; return;  // nobody can take it
    case Standing::heldByPolicy: {
        if (asked.requireTls != record::RequireTls::must || asked.chance == Chance::another) return;
        constexpr Status keywordMissing = "5.7.30", encryptionNeeded = "5.7.10";  // RFC 8689 §4.2.1
        end.reason.dsn = asked.lacksKeyword ? keywordMissing : encryptionNeeded;
        end.reason.dsnWhenReturned = end.reason.dsn;
        end.result = HopResult::bounced;
        return;
    }
    case Standing::unasked:
    case Standing::unreached:
    case Standing::putOff:
    case Standing::decided: return;
    }
}

}  // namespace postseal::deliver
