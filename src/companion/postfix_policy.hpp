// What policy demands of a destination, as one line of Postfix's smtp_tls_policy_maps
// (docs/keep-your-postfix.md has the table). Postfix asks by next hop and takes one answer for all its hosts,
// so the line says what no host may fall below; where a line can't say it, the answer is to wait. Pure; any
// thread.
#pragma once

#include "discover/destination.hpp"
#include "policy/map.hpp"
#include "policy/mta_sts.hpp"

#include <string>

namespace postseal::companion {

/// A reply of socketmap_table(5).
struct MapReply {
    enum class Kind { ok, notFound, temporary, permanent };
    Kind kind = Kind::notFound;
    std::string text = {};  // ok: the line; temporary and permanent: why, for Postfix's log

    bool operator==(const MapReply&) const = default;
};

/// `OK secure match=…`, `NOTFOUND `, `TEMP why`; never longer than Postfix takes.
std::string toText(const MapReply& reply);
inline constexpr std::size_t longestReply = 100'000;

/// Whether an MTA-STS policy's own words go with the line, which Postfix 3.10 and later understand: for its
/// TLSRPT, and because from 3.10.5 on it holds each MX name against them (rule 23).
enum class Attributes { no, tlsrpt };

/// What is known of the next hop that Postfix asks for, beside its hosts.
struct Asked {
    std::string domain = {};
    const policy::MapEntry* entry = nullptr;    // what the policy map has for it; null: nothing
    const policy::MtaStsPolicy* sts = nullptr;  // that the domain publishes; null: none
    bool daneIsOn = false;                      // [outbound] dane
    Attributes attributes = Attributes::no;
    std::string anchorFolder = {};  // where alliances' anchors stand as files; empty: nowhere
};

/// The name of such a file.
std::string anchorFile(const record::Anchors& anchors);

MapReply policyFor(const discover::Destination& destination, const Asked& asked);

}  // namespace postseal::companion
