// Octets as base64 text (RFC 4648 §4). Reading also takes the alphabet for URLs (§5), since envelopes of
// signatures come in either, and is strict otherwise: padding where it belongs, no line ends, no bits left
// over. Pure; any thread.
#pragma once

#include "base/hex.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace postseal::base {

std::string toBase64(std::span<const std::byte> bytes);
std::optional<Bytes> parseBase64(std::string_view text);

}  // namespace postseal::base
