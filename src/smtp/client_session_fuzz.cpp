// The whole client session against any peer. Input: a byte for requirement, handshake and dialect, one for
// the size of chunks, then what the peer says: 0x1e ends a segment (the next comes when we have written
// something), 0x1f lets the deadline pass. The same octets in other chunks must give the same result, and
// whatever the peer says: nothing of an envelope leaves before a demand is met, and nothing counts as
// delivered that was not sent.
#include "smtp/client_player.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

using namespace postseal;
using namespace postseal::smtp;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

std::vector<record::Envelope> envelopes() {
    const auto a = *record::Mailbox::parse("a@example.org"), b = *record::Mailbox::parse("b@example.org");
    return {
        {.sender = a, .recipients = {{a}, {b}}, .body = record::BodyType::eightBitMime, .declaredBytes = 100},
        {.sender = std::nullopt, .recipients = {{b}}, .declaredBytes = 5}};
}

Play playOf(std::uint8_t flags, std::string_view octets) {
    constexpr record::Level levels[] = {record::Level::none, record::Level::may, record::Level::encrypt,
                                        record::Level::secure};
    Play play{.level = levels[flags % 4],
              .attempt = (flags & 4) != 0 ? TlsAttempt::inClear : TlsAttempt::first,
              .dialect = (flags & 8) != 0 ? Dialect::lmtp : Dialect::smtp};
    play.envelopes = envelopes();
    if ((flags & 16) != 0) play.verdict = TlsVerdict{false, "not who was meant"};
    if ((flags & 32) != 0) play.verdict = std::nullopt;
    if ((flags & 64) != 0) play.text = {std::string(70'000, 'x'), ".\r\n.", "\r\n.\r\n"};
    for (std::size_t at = 0; at <= octets.size();) {
        const auto end = std::min(octets.find('\x1e', at), octets.size());
        play.peer.emplace_back(octets.substr(at, end - at));
        at = end + 1;
    }
    return play;
}

void checkDemand(const Play& play, const Played& played) {
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
    require((played.failure->status.front() == '5') ==
            (played.failure->kind == SessionFailure::Kind::permanent));
}

void checkOutcomes(const Played& played) {
    for (std::size_t i = 0; i < played.outcomes.size(); ++i)
        for (const auto& outcome : played.outcomes[i]) {
            require(outcome.source != RecipientResult::Source::none);
            const bool isDelivered = outcome.result == record::HopResult::delivered;
            const bool isBounced = outcome.result == record::HopResult::bounced;
            require(outcome.status.front() == (isDelivered ? '2' : isBounced ? '5' : '4'));
            if (isDelivered) require(played.textWasOut[i] && outcome.source == RecipientResult::Source::peer);
        }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const auto play = playOf(data[0], {reinterpret_cast<const char*>(data) + 2, size - 2});
    const auto played = ClientPlayer(play, size).play();
    require(played.broken.empty());
    require(played == ClientPlayer(play, 1U + data[1] % 16).play());
    checkDemand(play, played);
    checkOutcomes(played);
    return 0;
}
