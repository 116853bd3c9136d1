// A requirement: what must hold on a hop, who demands it, and until when. Its one text form is Postfix's
// right-hand side of a TLS policy with its attributes sorted, then also=, origin= and until=. Equal text is
// an equal requirement, so the text is the cache key of TLS sessions and connections (rule 16). Any thread.
#pragma once

#include "base/domain_name.hpp"
#include "base/hex.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "record/assurance.hpp"
#include "record/level.hpp"
#include "record/tls_facts.hpp"
#include "record/tlsa.hpp"

#include <compare>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace postseal::record {

/// A name that a certificate may bear. In a map's entry `nexthop`, `dotNexthop` and `hostname` stand for
/// names that are known at the delivery; policy::outbound replaces them, so that a hop's requirement has
/// `exact` and `below` only.
struct NamePattern {
    enum class Kind { nexthop, dotNexthop, hostname, exact, below };
    Kind kind = Kind::exact;
    std::string name = {};  // A-labels, lower case; of `below` without the leading dot

    auto operator<=>(const NamePattern&) const = default;
};
std::string
toText(const NamePattern& pattern);  // nexthop, dot-nexthop, hostname, mx.example.org, .example.org

/// Trust anchors: those of a `tafile` as they were when the map was read, or a CA known by its public key
/// alone. Equal by their digest.
struct Anchors {
    enum class Of { certificates, key };
    base::Sha256 digest{};                        // of the text, or of the key (SPKI)
    std::shared_ptr<const std::string> pem = {};  // null of a key, and after parsing a requirement's text
    Of of = Of::certificates;

    bool operator==(const Anchors& other) const { return of == other.of && digest == other.digest; }
    auto operator<=>(const Anchors& other) const {
        const auto kinds = of <=> other.of;
        return kinds != 0 ? kinds : digest <=> other.digest;
    }
};

/// The chain verifies up to the anchors (none: the configured CAs), and the certificate bears one of the
/// names.
struct NamesCondition {
    std::vector<NamePattern> patterns;
    std::vector<Anchors> anchors = {};
    Assurance proves =
        Assurance::authenticated;  // encrypted where the name itself is not proven (docs/policy.md)
    Proof by = Proof::pkix;        // what a match is told as: mtaSts where that policy asks for it

    bool operator==(const NamesCondition&) const = default;
};

struct Fingerprint {
    enum class Of { either, certificate, spki };  // Postfix takes either
    Of of = Of::either;
    base::Bytes digest = {};  // SHA-256 or SHA-512 by its length

    auto operator<=>(const Fingerprint&) const = default;
};
std::string toText(const Fingerprint& fingerprint);  // AA:BB:..., cert:AA:..., spki:AA:...
base::Result<Fingerprint, std::string> parseFingerprint(std::string_view text);

struct FingerprintCondition {
    std::vector<Fingerprint> pins;
    Assurance proves = Assurance::authenticated;

    bool operator==(const FingerprintCondition&) const = default;
};

/// One of the records matches (RFC 7672); DANE-TA also asks for one of the reference names.
struct TlsaCondition {
    std::vector<Tlsa> records;
    std::vector<std::string> referenceNames = {};
    Assurance proves = Assurance::authenticated;

    bool operator==(const TlsaCondition&) const = default;
};

using Condition = std::variant<NamesCondition, FingerprintCondition, TlsaCondition>;

enum class Protocol : unsigned { tls10 = 1, tls11 = 2, tls12 = 4, tls13 = 8 };  // bits of a set
std::string_view toText(Protocol protocol);  // TLSv1, TLSv1.1, TLSv1.2, TLSv1.3
std::optional<Protocol> parseProtocol(std::string_view text);

struct Protocols {
    unsigned bits = static_cast<unsigned>(Protocol::tls12) | static_cast<unsigned>(Protocol::tls13);

    bool has(Protocol protocol) const { return (bits & static_cast<unsigned>(protocol)) != 0; }
    auto operator<=>(const Protocols&) const = default;
};

/// Postfix's cipher grades (smtp_tls_mandatory_ciphers); `null` is refused, since it encrypts nothing.
enum class CipherGrade { low, medium, high };
std::string_view toText(CipherGrade grade);
std::optional<CipherGrade> parseCipherGrade(std::string_view text);

struct Floors {
    Protocols protocols = {};
    CipherGrade ciphers = CipherGrade::medium;
    std::vector<std::string> exclude = {};  // OpenSSL's names, sorted
    std::vector<std::string> groups = {};   // empty: ours, X25519 first

    bool operator==(const Floors&) const = default;
};

/// Another claim that must hold on the same hop.
struct Also {
    Level level = Level::may;
    Origin origin = {};

    auto operator<=>(const Also&) const = default;
};

struct Requirement {
    Level level = Level::may;
    std::vector<Condition> allOf = {};
    Floors floors = {};
    std::string serverName = {};  // SNI; empty: the host's name
    Origin origin = {};
    std::vector<Also> also = {};
    std::optional<base::Timestamp> until = {};

    bool operator==(const Requirement&) const = default;
};

/// The highest class among the level and those that must hold too.
LevelClass classOf(const Requirement& requirement);
/// Below `encrypt`: the only requirements that can end in clear text.
inline bool permitsCleartext(const Requirement& requirement) {
    return classOf(requirement) <= LevelClass::may;
}

/// `secure ciphers=high match=mx.example.org:.example.org protocols=TLSv1.2:TLSv1.3 origin=map`
std::string toText(const Requirement& requirement);
/// The inverse of toText; the error is what was expected, for people.
base::Result<Requirement, std::string> parseRequirement(std::string_view text);

}  // namespace postseal::record
