// Any bytes as a peer's replies; the same bytes in other chunks must give the same replies.
#include "smtp/peer_reply.hpp"

#include <cstdint>
#include <cstdlib>
#include <vector>

namespace {

using postseal::smtp::PeerReply;

std::vector<PeerReply> read(std::string_view bytes, std::size_t size) {
    postseal::smtp::PeerReplyReader reader;
    std::vector<PeerReply> seen;
    while (!bytes.empty()) {
        auto chunk = bytes.substr(0, size);
        bytes.remove_prefix(chunk.size());
        while (!chunk.empty()) {
            auto reply = reader.take(chunk);
            if (!reply) {
                seen.push_back({-1, "", reply.error()});
                return seen;
            }
            if (*reply) seen.push_back(std::move(**reply));
        }
    }
    return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto whole = read(bytes, bytes.size() + 1);
    if (whole != read(bytes, 1U + data[0])) std::abort();
    for (const auto& reply : whole) {
        if (reply.code != -1 && (reply.code < 200 || reply.code > 599)) std::abort();
        for (const char c : toText(reply))
            if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7e) std::abort();
    }
    return 0;
}
