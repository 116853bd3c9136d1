// What was found on a TLS connection, in either direction: the handshake's facts and the peer's certificate.
// Facts only: whether they meet a requirement is a verdict of its own (tls/verify).
#pragma once

#include "base/hex.hpp"
#include "base/time.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postseal::record {

/// How the peer was authenticated, the `authenticated_by` of records.
enum class Proof { none, dane, mtaSts, pkix, fingerprint, clientCertificate };
std::string_view toText(Proof proof);
std::optional<Proof> parseProof(std::string_view text);

struct PeerCertificate {
    base::Sha256 sha256{};              // of the DER certificate
    base::Sha256 spki{};                // of its SubjectPublicKeyInfo
    std::string subject;                // common name, escaped for logs; empty where it has none
    std::string issuer;                 // the issuer's common name, or its organization
    std::vector<std::string> dnsNames;  // of the subjectAltName, lower case
    base::Timestamp notBefore{}, notAfter{};
    std::string chainFault;  // why the chain does not verify up to the trusted CAs; empty: it does

    bool operator==(const PeerCertificate&) const = default;
};

struct TlsFacts {
    std::string protocol;  // TLSv1.3
    std::string cipher;    // IANA name: TLS_AES_256_GCM_SHA384
    int cipherBits = 0;
    std::string group;  // X25519, X25519MLKEM768; empty for RSA key exchange
    bool resumed = false;
    std::string serverName;  // SNI asked for; empty: none
    std::optional<PeerCertificate> peer;
    Proof authenticatedBy = Proof::none;
    std::string name;  // the name that the proof is for; empty: none

    bool operator==(const TlsFacts&) const = default;
};

/// Whoever comes by the server's key later reads nothing of it: the keys were agreed on anew.
bool hasForwardSecrecy(const TlsFacts& tls);
/// Nor whoever records it today and owns a quantum computer one day: the group is a hybrid of ML-KEM.
bool isPostQuantum(const TlsFacts& tls);

}  // namespace postseal::record
