#include "record/mailbox.hpp"

#include <cstdint>
#include <cstdlib>

/// What parses has one canonical form, which parses to itself (rule 52).
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using postseal::record::Mailbox;
    using postseal::record::Utf8;
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const auto mailbox = Mailbox::parse(input, Utf8::allowed);
    const auto ascii = Mailbox::parse(input);
    if (ascii ? (!mailbox || *ascii != *mailbox || !ascii->isAscii()) : (mailbox && mailbox->isAscii()))
        std::abort();
    if (!mailbox) return 0;
    const auto text = mailbox->toText();
    const auto again = Mailbox::parse(text, Utf8::allowed);
    constexpr std::size_t longestLocal = 255;
    if (!again || *again != *mailbox || again->toText() != text) std::abort();
    if (mailbox->local().size() > longestLocal) std::abort();
    return 0;
}
