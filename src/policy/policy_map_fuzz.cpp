// The policy map: any text is a map or a list of faults; what was read is found again, and decides to a
// requirement whose text reads back as itself.
#include "policy/map.hpp"
#include "policy/outbound.hpp"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace postseal;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto anchors = [](const std::string& file) -> base::Result<record::Anchors, std::string> {
        record::Anchors made;
        made.digest[0] = static_cast<std::byte>(file.size());
        return made;
    };
    const auto map = policy::Map::parse(text, "map", anchors);
    if (!map) {
        if (map.error().empty()) std::abort();
        return 0;
    }
    // Each word that begins a line and is a next hop must be found.
    for (std::size_t begin = 0; begin < text.size();) {
        const auto end = std::min(text.find('\n', begin), text.size());
        const auto line = text.substr(begin, end - begin);
        begin = end + 1;
        const auto hop = record::NextHop::parse(line.substr(0, line.find_first_of(" \t\r\v\f,")));
        if (!hop || line.starts_with('#')) continue;
        const auto* entry = map->find(*hop);
        if (entry == nullptr) std::abort();
        const auto host = hostText(*hop);
        const auto decision =
            policy::decide({entry->claim, policy::standardClaim(record::Level::may)}, {host, host});
        const auto again = record::parseRequirement(toText(decision.requirement));
        if (!again || *again != decision.requirement) std::abort();
    }
    return 0;
}
