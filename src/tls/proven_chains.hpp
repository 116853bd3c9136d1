// Chains that verified a moment ago, so that the next handshake with the same server costs no signature
// check. Only what verified is kept, never what failed: a CA that was just added counts at once. Known by
// every certificate of the chain and what it was verified against (a store, TLSA records); forgotten after
// ten minutes, or when the leaf or a certificate that was sent with it ends. Bounded; one thread.
#pragma once

#include "base/hex.hpp"
#include "base/time.hpp"
#include "tls/trust.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <utility>

namespace postseal::tls {

class ProvenChains {
public:
    static constexpr std::chrono::minutes longestAge{10};
    static constexpr std::size_t mostKept = 4096;

    /// As tls::chainFault, from memory where it can.
    Fault chainFault(const Chain& chain, X509_STORE* store, base::Timestamp now);
    /// The same for a verification of another kind, that trusts what lies at `trusted`.
    Fault fault(const Chain& chain, const void* trusted, base::Timestamp now,
                const std::function<Fault()>& verify);
    void clear() { kept_.clear(); }
    std::size_t size() const { return kept_.size(); }

private:
    using Key = std::pair<const void*, base::Sha256>;
    struct Span {
        base::Timestamp from, until;
    };
    std::map<Key, Span> kept_;  // at most mostKept, then begun anew
};

}  // namespace postseal::tls
