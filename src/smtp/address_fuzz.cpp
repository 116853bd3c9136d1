// Paths and mailboxes: a path that is taken stands in brackets, and a mailbox has one form (rule 52).
#include "record/mailbox.hpp"
#include "smtp/address.hpp"

#include <cstdint>
#include <cstdlib>

using namespace postseal;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

void requireOneForm(std::string_view text) {
    const auto mailbox = record::Mailbox::parse(text, record::Utf8::allowed);
    if (!mailbox) return;
    const auto form = mailbox->toText();
    const auto again = record::Mailbox::parse(form, record::Utf8::allowed);
    require(again && *again == *mailbox && again->toText() == form);
    const auto bracketed = '<' + form + '>';
    const auto path = smtp::splitPath(bracketed);
    require(path && path->inside == form && path->rest.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    requireOneForm(text);
    if (const auto path = smtp::splitPath(text)) {
        require(text.starts_with('<') && text.ends_with(path->rest));
        requireOneForm(path->inside);
    }
    return 0;
}
