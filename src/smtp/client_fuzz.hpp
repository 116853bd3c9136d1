// For the fuzz targets of the client session: whatever the peer says, nothing of an envelope leaves before a
// demand is met, nothing counts as delivered that was not sent, and chunks make no difference.
#pragma once

#include "smtp/client_player.hpp"

#include <cstdlib>
#include <string_view>

namespace postseal::smtp::fuzz {

inline void require(bool holds) {
    if (!holds) std::abort();
}

inline void checkDemand(const Play& play, const Played& played) {
    const bool isDemand = play.level >= record::Level::encrypt;
    const auto tls = played.said.find("<tls>"), mail = played.said.find("MAIL FROM:");
    const bool isMet = play.verdict && play.verdict->met;
    if (isDemand) require(mail == std::string::npos || (tls < mail && isMet));
    if (isDemand && tls != std::string::npos && !isMet) {
        const auto after = std::string_view(played.said).substr(tls + 5);
        require(after.empty() || after == "QUIT\r\n");
    }
    if (!played.failure) return;
    if (isDemand) require(played.failure->then != SessionFailure::Then::sameHostInClear);
    if (isDemand && tls == std::string::npos)
        require(played.failure->kind != SessionFailure::Kind::permanent);
    require(played.failure->status.isPermanent() ==
            (played.failure->kind == SessionFailure::Kind::permanent));
}

/// Rules 28, 29: REQUIRETLS is said in TLS only, and what must have it never goes without.
inline void checkRequireTls(const Play& play, const Played& played) {
    const std::string_view said = played.said;
    const auto tls = said.find("<tls>");
    for (auto at = said.find("MAIL FROM:"); at != std::string_view::npos;
         at = said.find("MAIL FROM:", at + 1)) {
        const auto line = said.substr(at, said.find("\r\n", at) - at);
        const bool isSaid = line.find(" REQUIRETLS") != std::string_view::npos;
        if (isSaid) require(tls < at);
        for (const auto& envelope : play.envelopes) {
            const auto mail = "MAIL FROM:<" + record::toText(envelope.sender) + ">";
            const bool isBound = envelope.requireTls == record::RequireTls::must && line.starts_with(mail);
            if (isBound) require(isSaid);
        }
    }
}

inline void checkOutcomes(const Played& played) {
    for (std::size_t i = 0; i < played.outcomes.size(); ++i)
        for (const auto& outcome : played.outcomes[i]) {
            require(outcome.source != RecipientResult::Source::none);
            const bool isDelivered = outcome.result == record::HopResult::delivered;
            const bool isBounced = outcome.result == record::HopResult::bounced;
            using Class = record::Status::Class;
            require(outcome.status.statusClass() == (isDelivered ? Class::success
                                                     : isBounced ? Class::permanent
                                                                 : Class::temporary));
            if (isDelivered) require(played.textWasOut[i] && outcome.source == RecipientResult::Source::peer);
        }
}

/// What the peer says: 0x1e ends a segment (the next comes when we have written something).
inline std::vector<std::string> segmentsOf(std::string_view octets) {
    std::vector<std::string> segments;
    for (std::size_t at = 0; at <= octets.size();) {
        const auto end = std::min(octets.find('\x1e', at), octets.size());
        segments.emplace_back(octets.substr(at, end - at));
        at = end + 1;
    }
    return segments;
}

inline void playAndCheck(const Play& play, std::size_t chunk) {
    const auto played = ClientPlayer(play, SIZE_MAX).play();
    require(played.broken.empty());
    require(played == ClientPlayer(play, chunk).play());
    checkDemand(play, played);
    checkRequireTls(play, played);
    checkOutcomes(played);
}

}  // namespace postseal::smtp::fuzz
