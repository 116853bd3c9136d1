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

}  // namespace postseal::record
