// Whom we trust: the CAs of the configuration, shared by all cores, and the anchors of a `tafile`. OpenSSL
// reads the file here and looks into the directory (as c_rehash leaves it) during a verification; whether the
// directory exists is for who reads the configuration to say. OpenSSL locks the store itself: any thread.
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "record/failure.hpp"
#include "record/requirement.hpp"
#include "record/tls_facts.hpp"
#include "tls/handles.hpp"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace postseal::tls {

class TrustStore {
public:
    /// Both may be empty: then nobody is trusted. The error names the file and what is wrong.
    static base::Result<std::shared_ptr<const TrustStore>> load(const std::string& caFile,
                                                                const std::string& caPath);
    /// Those of one file alone; as an anchor of a `tafile`, one need not be self-signed.
    static base::Result<std::shared_ptr<const TrustStore>> loadAnchors(const std::string& file);
    X509_STORE* store() const { return store_.get(); }

private:
    explicit TrustStore(CertificateStore store) : store_(std::move(store)) {}
    CertificateStore store_;
};

/// The text of a `tafile` with its digest, checked: at least one certificate, all of them sound.
base::Result<record::Anchors, std::string> makeAnchors(std::string pem);
/// The same of exactly one certificate, and what it is.
struct OneAnchor {
    record::Anchors anchors = {};
    record::PeerCertificate certificate = {};
};
base::Result<OneAnchor, std::string> makeOneAnchor(std::string pem);
/// A store of these anchors alone; an anchor need not be self-signed. Anchors without their text (read back
/// from a requirement's) trust nobody.
CertificateStore makeStore(std::span<const record::Anchors> anchors);

struct Chain {
    X509* leaf = nullptr;                // null: the peer showed no certificate
    stack_st_X509* untrusted = nullptr;  // what the peer sent, STACK_OF(X509); may be null
};

/// The same for this chain, where anchors may be CAs that are known by their key alone: they are found among
/// what the peer sent, or among those that are trusted anyway.
CertificateStore anchoredStore(const Chain& chain, std::span<const record::Anchors> anchors,
                               X509_STORE* trusted);

/// Why a chain, or what was asked of it beside, does not hold.
struct Fault {
    record::Why why = record::Why::none;
    std::string words = {};  // for people, with the names and dates that matter

    bool empty() const { return why == record::Why::none; }
    bool operator==(const Fault&) const = default;
};

/// Empty: the chain verifies up to the store at that time, for a TLS server.
Fault chainFault(const Chain& chain, X509_STORE* store, base::Timestamp now);
/// The same for a client: certified for its use or for a server's, since public CAs no longer certify for
/// clients (rule 41), or for any.
Fault clientChainFault(const Chain& chain, X509_STORE* store, base::Timestamp now);

/// The same for a result that OpenSSL found in the handshake (X509_V_...); empty for X509_V_OK.
Fault faultOf(int verifyResult, const X509* at);

}  // namespace postseal::tls
