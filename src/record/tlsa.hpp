// A TLSA record (RFC 6698 §2.1) as a value: digest or data, and what it applies to. Whether it is usable for
// SMTP is policy/dane's, whether a certificate matches it tls/dane_verify's.
#pragma once

#include "base/hex.hpp"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postseal::record {

struct Tlsa {
    std::uint8_t usage = 0;     // 0 PKIX-TA, 1 PKIX-EE, 2 DANE-TA, 3 DANE-EE
    std::uint8_t selector = 0;  // 0 certificate, 1 public key
    std::uint8_t matching = 0;  // 0 full, 1 SHA-256, 2 SHA-512
    base::Bytes data;

    auto operator<=>(const Tlsa&) const = default;
};

std::string toText(const Tlsa& record);  // 3,1,1,6f3a... : one word, for a requirement's text
std::optional<Tlsa> parseTlsa(std::string_view text);

}  // namespace postseal::record
