#include "deliver/unmet.hpp"

#include <algorithm>
#include <utility>

namespace postseal::deliver {
namespace {

using How = policy::Unmet::How;
using smtp::SessionFailure;

std::optional<How> howOf(const SessionFailure& failure, const net::SmtpClient& client) {
    switch (failure.kind) {
    case SessionFailure::Kind::tlsFailed: return How::handshakeFailed;
    case SessionFailure::Kind::tlsUnmet: return How::notAuthenticated;
    case SessionFailure::Kind::tlsRefused:
        return client.offered().startTls ? How::starttlsRefused : How::noStarttls;
    case SessionFailure::Kind::temporary:
    case SessionFailure::Kind::permanent:
    case SessionFailure::Kind::violation:
    case SessionFailure::Kind::stale: break;
    }
    return std::nullopt;
}

}  // namespace

std::optional<policy::Unmet> unmetBy(const SessionFailure& failure, const net::SmtpClient& client,
                                     const std::string& relay) {
    const auto how = howOf(failure, client);
    if (!how || permitsCleartext(client.target().requirement)) return std::nullopt;
    return policy::Unmet{.how = *how, .host = relay, .found = failure.words};
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
    case How::noTlsa: break;
    }
    return false;
}

Reason reasonOf(const record::Requirement& requirement, const policy::Unmet& unmet,
                const record::Mailbox& recipient) {
    auto deferral = policy::deferral(requirement, unmet);
    return {.dsn = std::move(deferral.code),
            .dsnWhenReturned = policy::refusal(requirement, unmet).code,
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
