// Why a hop failed, as a closed set. Whoever decides on a failure, counts it or reports it (RFC 8460 §4.3)
// goes by this, never by the words for people that stand beside it. Each result type of RFC 8460 can be told
// from the cause without loss; a cause that it has no word for is none of a TLS report's.
#pragma once

#include <optional>
#include <string_view>

namespace postseal::record {

enum class Why {
    none,  // nothing failed, or it was not recorded
    // On the way to the host:
    dnsFailed,  // its addresses, or those of the domain, are not known for now
    noHost,     // there is none that takes mail for the domain, or it has no address that may be used
    unreached,  // refused, or no route
    noAnswer,   // the time for connecting was over
    // TLS:
    startTlsMissing,  // not offered
    startTlsRefused,  // in clear text, so anyone can have said it
    handshake,        // failed, or the session was dead behind it
    certificateName,  // not one that was asked for
    certificateExpired,
    certificateUntrusted,  // missing, of a CA that is not trusted, or of a chain that is broken
    certificatePin,        // none of the fingerprints of the policy map
    tlsaInvalid,           // no TLSA record of the host fits
    nothingProves,         // the policy asks for a proof, and names none
    demandsTls,            // the host does, of a session that came to be without
    // Policy, before a connection:
    dnssecInvalid,   // whether the host has TLSA records could not be had from DNS
    dnssecUntested,  // our own resolver fails its test
    daneRequired,    // but the host has no TLSA records that DNSSEC proves
    notListed,       // by the domain's MTA-STS policy
    notOfAlliance,   // a list that we joined names other hosts, or has ended
    stsFetch,        // that policy could not be had
    stsInvalid,      // it is malformed
    stsWebPki,       // its host did not prove itself
    requireTlsMissing,
    // What the host said or did:
    refused,    // for good
    putOff,     // for now
    unfit,      // it can't take this message: size, SMTPUTF8, 8-bit text
    noBdat,     // it offers CHUNKING and doesn't know the command
    violation,  // of the protocol
    lost,       // the connection, or the time for a reply
    stopped,    // by ourselves
};

/// The record's own word.
std::string_view toText(Why why);
std::optional<Why> parseWhy(std::string_view text);

/// `certificate-host-mismatch`: the result type of RFC 8460 §4.3; empty where none fits.
std::string_view resultType(Why why);

}  // namespace postseal::record
