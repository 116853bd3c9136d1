// What we remember of a recipient domain: how its mail was protected so far, class by class, and whether that
// has become less (docs/policy.md). After so many deliveries over so many days the class reached is demanded
// again, by any proof: the first contact can be suppressed by an attacker, the hundredth is noticed (RFC 8461
// §10.2, rule 27). It only raises.
// Time counts by contacts, each gap between two of them for no more than a little, so that a clock that jumps
// neither remembers nor forgets anything in bulk (rule 54). Pure; any thread.
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "policy/claim.hpp"
#include "record/assurance.hpp"
#include "record/tls_facts.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postseal::policy {

enum class MemoryMode {
    off,      // nothing is remembered
    warn,     // what falls below is told, and delivered
    enforce,  // what falls below waits
};

struct MemorySettings {
    MemoryMode mode = MemoryMode::warn;
    std::uint32_t deliveries = 5;                        // that make a memory,
    std::chrono::seconds time = std::chrono::days(7);    // over that long
    std::chrono::seconds grace = std::chrono::days(14);  // less is what holds after it was seen for so long

    bool operator==(const MemorySettings&) const = default;
};

/// Deliveries that had at least one class of assurance.
struct Reached {
    static constexpr std::chrono::seconds longestGap = std::chrono::days(2);

    std::uint32_t deliveries = 0;
    base::Timestamp first{}, last{};
    std::chrono::seconds time{0};  // the sum of the gaps between them, none longer than longestGap

    void add(base::Timestamp now);
    bool operator==(const Reached&) const = default;
};

/// The domain no longer reaches a class that is remembered. Each class has a fall of its own: clear text that
/// came once does not inherit the time for which the better class has been missing.
struct Fall {
    static constexpr std::chrono::seconds longestGap = std::chrono::days(1);

    record::Assurance found = record::Assurance::cleartext;  // this or less
    base::Timestamp since{}, last{}, told{};
    std::chrono::seconds time{0};  // as Reached's
    std::string words = {};        // which host, and why

    bool operator==(const Fall&) const = default;
};

/// An administrator took the less for good.
struct Acceptance {
    std::string by = {}, reason = {};
    base::Timestamp at{};

    bool operator==(const Acceptance&) const = default;
};

struct Memory {
    std::array<Reached, 3> reached =
        {};  // by record::Assurance; a better delivery counts for the lesser, too
    record::Proof proof = record::Proof::none;      // of the last authenticated one
    std::string host = {};                          // that took the last one
    std::array<std::optional<Fall>, 2> falls = {};  // by what was found: clear text, encrypted
    std::optional<Acceptance> accepted = {};        // the last one

    /// The deepest; none: all that is remembered is reached.
    const std::optional<Fall>& fall() const { return falls[0] ? falls[0] : falls[1]; }

    const Reached& of(record::Assurance assurance) const {
        return reached[static_cast<std::size_t>(assurance)];
    }
    Reached& of(record::Assurance assurance) { return reached[static_cast<std::size_t>(assurance)]; }
    bool operator==(const Memory&) const = default;
};

/// A delivery, or one that policy held back.
struct Contact {
    enum class Fate { delivered, held };
    Fate fate = Fate::delivered;
    record::Assurance assurance = record::Assurance::cleartext;  // that was had, or was to be had
    record::Proof proof = record::Proof::none;
    std::string host = {};
    std::string words = {};  // what was found wrong
    /// By a map entry, an exception or the message itself: that it has less is no news.
    bool lessIsAllowed = false;
};

/// For the administrator.
struct Notice {
    enum class Kind { fallen, recovered, graceOver };
    Kind kind = Kind::fallen;
    std::string words;

    bool operator==(const Notice&) const = default;
};

struct Remembered {
    Memory memory;
    std::optional<Notice> notice = {};
    bool claimChanged = false;  // decisions that rest on the old claim are void
};

/// The class that was reached often and long enough; none: nothing is remembered yet.
std::optional<record::Assurance> remembered(const Memory& memory, const MemorySettings& settings);
/// What the memory demands: a predicate on the hop's assurance; in mode `warn` nothing, by a claim `may`.
std::optional<Claim> memoryClaim(const Memory& memory, const MemorySettings& settings);
Remembered after(Memory memory, const Contact& contact, const MemorySettings& settings, base::Timestamp now);
/// The memory begins anew from what was found; the error says why there is nothing to accept.
base::Result<Memory, std::string> accepted(Memory memory, Acceptance acceptance);

/// What the last delivery had, and since when and how often it has been so; none: nothing was delivered.
struct Experience {
    record::Assurance assurance = record::Assurance::cleartext;
    base::Timestamp since{};
    std::uint32_t deliveries = 0;
};
std::optional<Experience> experience(const Memory& memory);

/// `authenticated 143 times since 2026-01-02, last by dane`; empty where nothing was delivered.
std::string inWords(const Memory& memory, record::Assurance assurance);

std::string_view toText(MemoryMode mode);

}  // namespace postseal::policy
