#include "record/mailbox.hpp"

#include <cstdint>
#include <cstdlib>

/// What parses has one canonical form, which parses to itself (rule 52).
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using postseal::record::Mailbox;
    const auto mailbox = Mailbox::parse({reinterpret_cast<const char*>(data), size});
    if (!mailbox) return 0;
    const auto text = mailbox->toText();
    const auto again = Mailbox::parse(text);
    constexpr std::size_t longestLocal = 255;
    if (!again || *again != *mailbox || again->toText() != text) std::abort();
    if (mailbox->local().size() > longestLocal) std::abort();
    return 0;
}
