#include "directory/aliases.hpp"

#include <cstdint>
#include <cstdlib>

/// What holds of a list of aliases can be looked up, leads somewhere, and has the line that it stands in.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace postseal;
    static const auto domain = base::DomainName::parse("example.org").value();
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto parsed = directory::Aliases::parse(text, domain);
    for (const auto& [name, alias] : parsed.aliases.all()) {
        if (parsed.aliases.find(name) != &alias || alias.targets.empty()) std::abort();
        if (alias.line == 0 || alias.line > size) std::abort();
        for (const auto& target : alias.targets)
            if (target.local().starts_with('|') || target.local().starts_with('/')) std::abort();
    }
    for (const auto& refused : parsed.refused)
        if (refused.line == 0 || refused.line > size || refused.message.empty()) std::abort();
    return 0;
}
