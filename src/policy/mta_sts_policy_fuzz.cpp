// The policy of MTA-STS: any bytes are a policy or a fault with words. What is a policy stays one when its
// line ends change and unknown fields join it, and lists the hosts that it names.
#include "policy/mta_sts.hpp"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace postseal::policy;
    const std::string text(reinterpret_cast<const char*>(data), size);
    const auto policy = parsePolicy(text);
    if (!policy) {
        if (policy.error().empty()) std::abort();
        return 0;
    }
    if (policy->maxAge > MtaStsPolicy::longestAge || policy->maxAge.count() < 0) std::abort();
    if (policy->mode != StsMode::none && policy->patterns.empty()) std::abort();
    for (const auto& pattern : policy->patterns)
        if (!lists(*policy, pattern.isWildcard ? "x." + pattern.name : pattern.name)) std::abort();
    constexpr std::size_t spare = 16;
    if (size + spare > MtaStsPolicy::longestText) return 0;
    const std::string more = text + (text.ends_with('\r') ? "\n" : "\r\n") + "future: x y\n";
    if (const auto again = parsePolicy(more); !again || *again != *policy) std::abort();
    return 0;
}
