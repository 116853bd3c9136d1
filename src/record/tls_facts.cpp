#include "record/tls_facts.hpp"

#include "record/names.hpp"

namespace postseal::record {
namespace {

constexpr std::array<std::string_view, 6> proofNames{"none", "dane",        "mta-sts",
                                                     "pkix", "fingerprint", "client-certificate"};

}  // namespace

std::string_view toText(Proof proof) {
    return nameOf(proofNames, proof);
}

std::optional<Proof> parseProof(std::string_view text) {
    return valueOf<Proof>(proofNames, text);
}

bool hasForwardSecrecy(const TlsFacts& tls) {
    constexpr std::string_view agreedAnew = "DHE_";  // TLS_ECDHE_..., TLS_DHE_...; all of TLS 1.3 is
    return tls.protocol == "TLSv1.3" || tls.cipher.find(agreedAnew) != std::string::npos;
}

bool isPostQuantum(const TlsFacts& tls) {
    return tls.group.find("MLKEM") != std::string::npos;
}

}  // namespace postseal::record
