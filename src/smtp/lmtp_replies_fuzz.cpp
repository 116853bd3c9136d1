// What an LMTP server answers from MAIL on. Input: a byte for what it offers, how many recipients there are
// and how long the text is, one for the size of chunks, then its words as in client_session_fuzz.
#include "smtp/client_fuzz.hpp"

#include <cstdint>

using namespace postseal;
using namespace postseal::smtp;

namespace {

Play playOf(std::uint8_t flags, std::string_view octets) {
    std::string offers = "250-lmtp\r\n250-ENHANCEDSTATUSCODES\r\n";
    if ((flags & 1) != 0) offers += "250-PIPELINING\r\n";
    if ((flags & 2) != 0) offers += "250-CHUNKING\r\n";
    if ((flags & 4) != 0) offers += "250-DSN\r\n";
    Play play{.level = record::Level::none,
              .peer = {"220 lmtp\r\n", offers + "250 8BITMIME\r\n"},
              .dialect = Dialect::lmtp};
    record::Envelope envelope;
    envelope.sender = *record::Mailbox::parse("from@example.net");
    for (int i = 0; i <= (flags >> 4) % 8; ++i)
        envelope.recipients.push_back({*record::Mailbox::parse(std::to_string(i) + "@example.org")});
    play.envelopes = {envelope, envelope};
    if ((flags & 8) != 0) play.text = {std::string(70'000, 'x'), ".\r\n.", "\r\n.\r\n"};
    for (auto& segment : fuzz::segmentsOf(octets))
        play.peer.push_back(std::move(segment));
    return play;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const auto play = playOf(data[0], {reinterpret_cast<const char*>(data) + 2, size - 2});
    fuzz::playAndCheck(play, 1U + data[1] % 16);
    return 0;
}
