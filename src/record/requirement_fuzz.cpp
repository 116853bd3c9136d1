#include "record/requirement.hpp"

#include <cstdint>
#include <cstdlib>

/// What parses is written as one text, which parses to the same (rule 16).
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace postseal::record;
    const auto requirement = parseRequirement({reinterpret_cast<const char*>(data), size});
    if (!requirement) return 0;
    const auto text = toText(*requirement);
    const auto again = parseRequirement(text);
    if (!again || *again != *requirement || toText(*again) != text) std::abort();
    return 0;
}
