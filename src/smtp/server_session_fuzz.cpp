// The whole server session. Input: a byte for the listener, a byte for the length of the script, the script
// (chunk sizes and clock steps), then what the client sends. The same octets in other chunks give the same
// replies and messages, but where a client did not wait for a reply: whether that is seen, and what TLS takes
// of it, is a matter of when its octets arrive.
#include "smtp/server_player.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

using namespace postseal;
using namespace postseal::smtp;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

constexpr Limits limits{
    .commandLine = 80, .textLine = 40, .messageBytes = 300, .recipients = 3, .commands = 60, .errors = 8};

// Bounds that hold at any time, whatever the client does.
void checkInvariants(const ServerPlayer& player) {
    require(player.isReading() || player.isClosed());
    require(player.session.envelope().recipients.size() <= limits.recipients);
    require(player.body.size() <= limits.messageBytes);
    for (const auto& stored : player.stored) {
        require(stored.envelope.requireTls == record::RequireTls::no || player.handshakes > 0);
        require(!stored.envelope.recipients.empty() && stored.text.size() <= limits.messageBytes);
        for (std::size_t at = 0; (at = stored.text.find_first_of("\r\n", at)) != std::string::npos; at += 2)
            require(stored.text.substr(at, 2) == "\r\n");
    }
}

struct Script {
    std::string_view steps;
    bool withClock = false;
};

ServerPlayer playInChunks(ListenerTls tls, std::string_view wire, const Script& script) {
    ServerPlayer player(tls, limits);
    player.start();
    std::size_t step = 0;
    while (!wire.empty() && player.isReading()) {
        const auto code = script.steps.empty()
                              ? std::uint8_t{255}
                              : static_cast<std::uint8_t>(script.steps[step++ % script.steps.size()]);
        // The high bit passes time, the rest is a chunk's size; no script: one octet after the other.
        if (script.withClock && (code & 0x80) != 0) {
            player.passTime(std::chrono::seconds(code & 0x7f));
            if (step > 4096) break;
            continue;
        }
        const std::size_t size = script.steps.empty() ? 1 : (code & 0x7f) + 1;
        player.send(wire.substr(0, size));
        wire.remove_prefix(std::min(size, wire.size()));
        checkInvariants(player);
    }
    return player;
}

bool dependsOnArrival(const ServerPlayer& player) {
    return player.handshakes > 0 || player.said.find("554 5.5.0") != std::string::npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 3) return 0;
    const auto tls = static_cast<ListenerTls>(data[0] % 4);
    const std::string_view rest(reinterpret_cast<const char*>(data) + 2, size - 2);
    const auto steps = rest.substr(0, data[1] % 32);
    const auto wire = rest.substr(steps.size());

    const auto octets = playInChunks(tls, wire, {});
    const auto chunks = playInChunks(tls, wire, {steps});
    playInChunks(tls, wire, {steps, true});
    const bool implicit = tls == ListenerTls::implicit;
    if (!implicit && (dependsOnArrival(octets) || dependsOnArrival(chunks))) return 0;
    if (implicit && chunks.said.find("554 5.5.0") != std::string::npos) return 0;
    require(octets.said == chunks.said);
    require(octets.stored == chunks.stored);
    require(octets.isClosed() == chunks.isClosed());
    return 0;
}
