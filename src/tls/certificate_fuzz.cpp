// Certificates as peers send them: names, pins, description and fault text, from any bytes.
#include "tls/certificates.hpp"
#include "tls/trust.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace postseal;
    using Kind = record::NamePattern::Kind;
    const auto certificate = tls::parseDer(std::as_bytes(std::span(data, size)));
    if (!certificate) return 0;
    for (const auto& name : tls::namesOf(certificate->get())) {
        if (name.find('\0') != name.npos) std::abort();
        const auto match = tls::matchingName(certificate->get(), {Kind::exact, name});
        if (!match) std::abort();
    }
    const auto described = tls::describe(certificate->get());
    const record::Fingerprint pin{record::Fingerprint::Of::spki,
                                  {described.spki.begin(), described.spki.end()}};
    const bool hasKey = std::ranges::any_of(described.spki, [](std::byte b) { return b != std::byte{}; });
    if (hasKey && !tls::matchesPin(certificate->get(), pin)) std::abort();
    const auto store = tls::makeStore({});
    if (tls::chainFault({certificate->get(), nullptr}, store.get(), base::fromMicros(0)).empty())
        std::abort();
    return 0;
}
