// Does a TLS connection meet its requirement? The judgement on a finished handshake (docs/policy.md); whether
// TLS stood at all is the caller's to know. The handshake itself verifies nothing and never fails on a
// certificate, so that each refusal has words. A resumed session carries no chain: it keeps the verdict that
// it was made under (rule 16), which SessionCache::offer put beside it. One Verifier per core.
#pragma once

#include "base/time.hpp"
#include "record/assurance.hpp"
#include "record/requirement.hpp"
#include "record/tls_facts.hpp"
#include "tls/proven_chains.hpp"
#include "tls/trust.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace postseal::tls {

struct Verdict {
    bool met = false;
    record::Assurance assurance = record::Assurance::encrypted;
    record::Proof proof = record::Proof::none;
    std::string name = {};                // that the proof is for
    record::Why why = record::Why::none;  // not met
    std::string reason = {};      // what was found, for people; empty where met and nothing is to be said
    std::string chainFault = {};  // of the peer's chain, whatever was demanded; empty: it verifies

    bool operator==(const Verdict&) const = default;
};

class Verifier {
public:
    explicit Verifier(std::shared_ptr<const TrustStore> trust) : trust_(std::move(trust)) {}

    /// Our own side a client; its patterns are concrete (policy::outbound has replaced them).
    Verdict judge(SSL* session, const record::Requirement& requirement, base::Timestamp now);
    /// Our own side a server: does the client's chain verify up to the anchors (none: the configured CAs)?
    /// Not of a resumed session, which has none.
    Fault clientFault(SSL* session, const std::vector<record::Anchors>& anchors, base::Timestamp now);
    /// The same on a chain.
    Verdict judge(const Chain& chain, const record::Requirement& requirement, base::Timestamp now);

private:
    X509_STORE* storeOf(const std::vector<record::Anchors>& anchors);
    /// Kept, if one is known by its key alone; else null.
    const std::vector<record::Anchors>* keysOf(const std::vector<record::Anchors>& anchors);
    Fault chainFault(const Chain& chain, const std::vector<record::Anchors>& anchors, base::Timestamp now);
    Fault daneTaFault(const Chain& chain, const std::vector<record::Tlsa>& records, base::Timestamp now);
    void forget();

    std::shared_ptr<const TrustStore> trust_;
    ProvenChains proven_;
    ProvenChains provenClients_;  // for another use, so never taken for the same
    std::map<std::vector<base::Sha256>, CertificateStore>
        stores_;                                // of tafiles; begun anew when it grows large, as is the next
    std::set<std::vector<record::Tlsa>> tlsa_;  // whose chains are remembered
    std::set<std::vector<record::Anchors>> keys_;  // the same, of anchors that are known by their key
};

/// Our own side a server: what the handshake found about the client's certificate, which met nothing yet
/// (rule 42: a bad one never fails the handshake; policy judges it at MAIL).
Verdict clientVerdict(const SSL* session);

}  // namespace postseal::tls
