// Does a peer's chain fit TLSA records (RFC 7671 §5, RFC 7672 §3)? The records are the usable ones, from an
// answer that DNSSEC proves: policy/dane has seen to that. DANE-EE asks for a match and nothing else, no
// name, no date (rule 10). DANE-TA asks for a chain up to the certificate that matches, never to the CAs of
// the configuration; its dates count, and names, which are the caller's to check (rule 11). Chain and records
// are hostile; what is tried is bounded. Pure; any thread.
#pragma once

#include "base/time.hpp"
#include "record/tlsa.hpp"
#include "tls/trust.hpp"

#include <string>
#include <vector>

namespace postseal::tls {

/// A record of usage DANE-EE matches the peer's own certificate.
bool fitsDaneEe(const X509* leaf, const std::vector<record::Tlsa>& records);

/// Empty: a record of usage DANE-TA matches a certificate above the peer's own, sent by the peer or in the
/// record itself, or holds the key that signed one of the chain, and the chain verifies up to there. Else why
/// not, for people.
Fault daneTaFault(const Chain& chain, const std::vector<record::Tlsa>& records, base::Timestamp now);

bool hasDaneTa(const std::vector<record::Tlsa>& records);

}  // namespace postseal::tls
