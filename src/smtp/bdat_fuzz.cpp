// A text by BDAT: the octets are cut into chunks in two ways, and sent to two sessions. Both take the same
// text, or neither takes it; no octet of it is ever read as a command, and what is taken has no bare CR or
// LF. Input: a byte for the sizes of the chunks, then the text.
#include "smtp/server_player.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>

using namespace postseal::smtp;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

constexpr Limits limits{.textLine = 40, .messageBytes = 2000, .commands = 100000, .errors = 20};

std::optional<std::string> sendInChunks(std::string_view text, std::size_t size) {
    ServerPlayer player(ListenerTls::none, limits);
    player.start();
    player.send("EHLO x\r\n");
    player.send("MAIL FROM:<>\r\nRCPT TO:<b@x>\r\n");
    player.said.clear();
    std::size_t chunks = 1;
    for (; text.size() > size; text.remove_prefix(size), ++chunks)
        player.send("BDAT " + std::to_string(size) + "\r\n" + std::string(text.substr(0, size)));
    player.send("BDAT " + std::to_string(text.size()) + " LAST\r\n" + std::string(text));
    require(!player.isClosed());
    require(static_cast<std::size_t>(std::ranges::count(player.said, '\n')) == chunks);  // a reply to each
    player.said.clear();
    player.send("MAIL FROM:<>\r\n");
    require(player.replies() == "250 2.1.0");
    if (player.stored.empty()) return std::nullopt;
    return player.stored.front().text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t farTooLong = 3900;
    if (size < 1 || size > farTooLong) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto whole = sendInChunks(text, farTooLong);
    require(sendInChunks(text, data[0] % 64 + 1) == whole);
    if (!whole) return 0;
    require(whole->starts_with(text) && whole->size() <= limits.messageBytes);
    require(whole->substr(text.size()) == (text.empty() || text.ends_with('\n') ? "" : "\r\n"));
    for (std::size_t at = 0; (at = whole->find_first_of("\r\n", at)) != std::string::npos; at += 2)
        require(whole->substr(at, 2) == "\r\n");
    return 0;
}
