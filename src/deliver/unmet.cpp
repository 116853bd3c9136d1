#include "deliver/unmet.hpp"

#include <algorithm>
#include <utility>

namespace postseal::deliver {
namespace {

using How = policy::Unmet::How;
using record::Why;
using smtp::SessionFailure;

std::optional<How> howOf(const SessionFailure& failure) {
    switch (failure.kind) {
    case SessionFailure::Kind::tlsFailed: return How::handshakeFailed;
    case SessionFailure::Kind::tlsUnmet: return How::notAuthenticated;
    case SessionFailure::Kind::tlsRefused:
        return failure.why == Why::startTlsRefused ? How::starttlsRefused : How::noStarttls;
    case SessionFailure::Kind::temporary:
    case SessionFailure::Kind::permanent:
    case SessionFailure::Kind::violation:
    case SessionFailure::Kind::stale: break;
    }
    return std::nullopt;
}

}  // namespace

std::optional<policy::Unmet> unmetBy(const SessionFailure& failure, const record::Requirement& requirement,
                                     const std::string& relay) {
    const auto how = howOf(failure);
    if (!how || permitsCleartext(requirement)) return std::nullopt;
    return policy::Unmet{.how = *how, .host = relay, .found = failure.words};
}

Why whyOf(const policy::Unmet& unmet) {
    switch (unmet.how) {
    case How::noStarttls: return Why::startTlsMissing;
    case How::starttlsRefused: return Why::startTlsRefused;
    case How::handshakeFailed: return Why::handshake;
    case How::notAuthenticated: return Why::nothingProves;
    case How::noRequireTls: return Why::requireTlsMissing;
    case How::notListed: return Why::notListed;
    case How::notOfAlliance:
    case How::barred: return Why::notOfAlliance;
    case How::lookupFailed: return Why::dnssecInvalid;
    case How::noTlsa: return Why::daneRequired;
    case How::dnssecUntested: return Why::dnssecUntested;
    }
    return Why::none;
}

bool isPassing(const policy::Unmet& unmet) {
    switch (unmet.how) {
    case How::lookupFailed:
    case How::dnssecUntested:
    case How::starttlsRefused:  // 454: rule 51
    case How::handshakeFailed: return true;
    case How::noStarttls:
    case How::notAuthenticated:
    case How::noRequireTls:
    case How::notListed:
    case How::notOfAlliance:
    case How::barred:
    case How::noTlsa: break;
    }
    return false;
}

Reason reasonOf(const record::Requirement& requirement, const policy::Unmet& unmet,
                const record::Mailbox& recipient) {
    auto deferral = policy::deferral(requirement, unmet);
    const auto now = record::Status::parse(deferral.code).value_or(record::Status());
    return {.dsn = now,
            .dsnWhenReturned = now.asPermanent(),
            .words = std::move(deferral.words),
            .forSender = policy::forSender(requirement, unmet, record::toText(recipient.domain()))};
}

bool endsByMtaSts(const queue::RetrySettings& settings, const queue::Message& message, const Outcome& outcome,
                  base::Timestamp now) {
    const auto age = std::chrono::floor<std::chrono::seconds>(now - message.arrived);
    const auto isLast = [&](const RecipientEnd& end) {
        return end.result == record::HopResult::deferred &&
               queue::isOver(settings, age, end.recipient.attempts + 1);
    };
    const auto isHeldBack = [](const record::HopRecord& hop) {
        return hop.result == record::HopResult::deferred && hop.requirement &&
               hop.requirement->origin.kind == record::Origin::Kind::mtaSts;
    };
    return std::ranges::any_of(outcome.recipients, isLast) && std::ranges::any_of(outcome.hops, isHeldBack);
}

}  // namespace postseal::deliver
