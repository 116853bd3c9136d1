// What a certificate says: its names, dates and fingerprints, and whether one of its names is one that was
// asked for (record/certificate_name):
//  - the DNS names of the subjectAltName count; the common name only where there is no DNS name at all;
//  - a name with an embedded NUL or a byte that no host name has matches nothing and is not listed.
// Input is hostile. Pure; any thread.
#pragma once

#include "base/result.hpp"
#include "record/requirement.hpp"
#include "record/tls_facts.hpp"
#include "tls/handles.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace postseal::tls {

/// `ignored`: the subjectAltName alone counts (RFC 8461 §3.3, §4.2).
enum class CommonName { counts, ignored };

/// The names that can match: DNS names, else the common name; lower case.
std::vector<std::string> namesOf(const X509* certificate, CommonName commonName = CommonName::counts);

/// The certificate's name that matches, nullopt: none does. Patterns are `exact` or `below` only.
std::optional<std::string> matchingName(const X509* certificate, const record::NamePattern& pattern,
                                        CommonName commonName = CommonName::counts);

/// Does the digest fit the certificate or its public key, as the pin's kind asks?
bool matchesPin(const X509* certificate, const record::Fingerprint& pin);

/// Is the record's data what its selector and matching type make of the certificate (RFC 6698 §2.1)? Usage
/// and what it means are tls/dane_verify's.
bool matchesTlsa(const X509* certificate, const record::Tlsa& record);

/// All but chainFault, which is tls/verify's; of many DNS names the first hundred.
record::PeerCertificate describe(const X509* certificate);

/// One DER certificate with nothing behind it; the error is OpenSSL's words.
base::Result<Certificate, std::string> parseDer(std::span<const std::byte> der);
/// All certificates of a PEM text in their order; an error when there is none or one is spoilt.
base::Result<std::vector<Certificate>, std::string> parsePem(std::string_view pem);

}  // namespace postseal::tls
