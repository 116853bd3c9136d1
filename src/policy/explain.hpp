// The words for what policy decided: for logs, for the sender who reads a bounce, for records and `postseal
// check`. What a sender may read is made from the words of his language; logs and records are in English. The
// words of memory's notices are memory's, those of a forecast are forecast's. What comes from outside is
// escaped (rule 55).
#pragma once

#include "record/language.hpp"
#include "record/requirement.hpp"

#include <string>
#include <string_view>

namespace postseal::policy {

/// Why a hop failed its requirement.
struct Unmet {
    enum class How {
        noStarttls,       // the server does not offer it
        starttlsRefused,  // 454 and the like, in clear text: anyone on the path can say that (rule 51)
        handshakeFailed,
        notAuthenticated,  // TLS stood, the verdict was no
        noRequireTls,      // TLS stood, but REQUIRETLS is not offered (RFC 8689 §4.2.1)
        // What keeps us from connecting at all:
        notListed,       // by the domain's MTA-STS policy
        notOfAlliance,   // an alliance lists other servers of the domain
        barred,          // by an alliance whose list has ended, or names no trust anchor that holds
        lookupFailed,    // whether it has TLSA records is not known
        noTlsa,          // none that DNSSEC proves, but nothing else will do
        dnssecUntested,  // our own resolver fails its test
    };
    How how = How::notAuthenticated;
    std::string host = {};   // with its address or port, as the log names it
    std::string found = {};  // the verdict's reason, the peer's reply, OpenSSL's or the resolver's words

    bool operator==(const Unmet&) const = default;
};

/// Why a claim does not bind on a host.
enum class Aside {
    no,  // it binds
    byTlsRequiredNo,
    byMapEntry,
    byDane,  // which proves the host
    byException,
    demandsNothing,
};
/// For the note in the record; empty: it binds.
std::string_view inWords(Aside aside);

/// An enhanced status code and one line: `4.7.5`, `5.7.5` once we give up.
struct Refusal {
    std::string code;
    std::string words;

    bool operator==(const Refusal&) const = default;
};

/// `a certificate for mx.example.org that a trusted CA signed (level secure, demanded by the policy map)`
std::string demanded(const record::Requirement& requirement);
/// For logs and the queue: what was demanded, by whom, what was found.
Refusal deferral(const record::Requirement& requirement, const Unmet& unmet);
/// The same when the message returns: 5.7.x.
Refusal refusal(const record::Requirement& requirement, const Unmet& unmet);
/// For the human-readable part of a report: what was demanded, by whom, what was found, what the sender can
/// do. A paragraph a line, LF between them; an empty one where the text pauses.
record::InLanguages<std::string> forSender(const record::Requirement& requirement, const Unmet& unmet,
                                           std::string_view recipientDomain);

}  // namespace postseal::policy
