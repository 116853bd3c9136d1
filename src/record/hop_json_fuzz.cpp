#include "record/json.hpp"

#include <cstdint>
#include <cstdlib>

/// What parses is written as JSON that parses to the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace postseal::record;
    const auto hop = parseHop({reinterpret_cast<const char*>(data), size});
    if (!hop) return 0;
    const auto again = parseHop(toJson(*hop));
    if (!again || *again != *hop) std::abort();
    return 0;
}
