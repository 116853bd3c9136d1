// The whole client session against any peer. Input: a byte for requirement, handshake and dialect, one for
// the size of chunks, then what the peer says: 0x1e ends a segment (the next comes when we have written
// something), 0x1f lets the deadline pass. What must hold: client_fuzz.hpp.
#include "smtp/client_fuzz.hpp"

#include <cstdint>

using namespace postseal;
using namespace postseal::smtp;

namespace {

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
    if ((flags & 128) != 0) {
        play.settings.eightBit = EightBitText::refuse;
        play.envelopes[1].smtpUtf8 = true;
        play.envelopes[1].id = "ENV+1";
        play.envelopes[1].recipients[0].notify = {.isAsked = true, .success = true};
    }
    if ((flags & 64) != 0) play.envelopes[0].requireTls = record::RequireTls::must;
    if ((flags & 128) != 0) play.envelopes[1].requireTls = record::RequireTls::whereOffered;
    if ((flags & 64) != 0) play.text = {std::string(70'000, 'x'), ".\r\n.", "\r\n.\r\n"};
    play.peer = fuzz::segmentsOf(octets);
    return play;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const auto play = playOf(data[0], {reinterpret_cast<const char*>(data) + 2, size - 2});
    fuzz::playAndCheck(play, 1U + data[1] % 16);
    return 0;
}
