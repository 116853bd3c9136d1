// The text of a message, decoded in two ways of chunking: same text, same end, same fault; and what is
// encoded is decoded to itself.
#include "smtp/data.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

using namespace postseal::smtp;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

struct Outcome {
    std::string text, rest;
    bool ended = false;
    TextFault fault = TextFault::none;

    bool operator==(const Outcome&) const = default;
};

Outcome decodeInChunks(std::string_view wire, std::size_t chunk) {
    DataDecoder decoder(20);
    Outcome outcome;
    for (std::size_t at = 0; at < wire.size(); at += chunk) {
        outcome.rest += wire.substr(at, chunk);
        while (!outcome.ended) {
            const auto decoded = decoder.decode(outcome.rest);
            if (decoded.consumed == 0) break;
            outcome.text += decoded.text;
            outcome.ended = decoded.ended;
            outcome.rest.erase(0, decoded.consumed);
        }
        require(outcome.ended || outcome.rest.size() <= 2);
    }
    outcome.fault = decoder.fault();
    return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    const std::size_t chunk = data[0] % 16 + 1;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto whole = decodeInChunks(text, std::max<std::size_t>(text.size(), 1));
    require(decodeInChunks(text, chunk) == whole);

    std::string atOnce, inChunks;
    DataEncoder one, many;
    one.encode(text, atOnce);
    one.finish(atOnce);
    for (std::size_t at = 0; at < text.size(); at += chunk)
        many.encode(text.substr(at, chunk), inChunks);
    many.finish(inChunks);
    require(atOnce == inChunks);

    const auto back = decodeInChunks(atOnce, chunk);
    require(back.ended && back.rest.empty());
    require(back.fault == TextFault::none || back.fault == TextFault::lineTooLong);
    if (whole.ended && whole.fault == TextFault::none) {
        std::string again;
        DataEncoder encoder;
        encoder.encode(whole.text, again);
        encoder.finish(again);
        require(decodeInChunks(again, chunk).text == whole.text);
    }
    return 0;
}
