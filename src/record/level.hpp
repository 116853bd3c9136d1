// Security levels: what a policy demands of a hop, in Postfix's words and meaning (smtp_tls_security_level),
// the class each belongs to, and who can demand one.
#pragma once

#include <array>
#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace postseal::record {

enum class Level { none, may, encrypt, dane, daneOnly, fingerprint, verify, secure };

inline constexpr std::array<std::string_view, 8> levelNames{"none",      "may",         "encrypt", "dane",
                                                            "dane-only", "fingerprint", "verify",  "secure"};

std::string_view toText(Level level);
std::optional<Level> parseLevel(std::string_view text);

/// Ordered: a demand of a higher class includes the lower ones (docs/policy.md).
enum class LevelClass { none, may, encrypt, authenticated };
LevelClass classOf(Level level);

/// Whose claim it is. An alliance's carries its name.
struct Origin {
    enum class Kind {
        map,
        exception,
        alliance,
        requiretls,
        sender,
        tlsrpt,
        dane,
        mtaSts,
        memory,
        listener,
        standard
    };
    Kind kind = Kind::standard;
    std::string alliance = {};  // only where kind is alliance

    auto operator<=>(const Origin&) const = default;
};

std::string toText(const Origin& origin);  // map, alliance:post, mta-sts, default, ...
std::optional<Origin> parseOrigin(std::string_view text);

}  // namespace postseal::record
