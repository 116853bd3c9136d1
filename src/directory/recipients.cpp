#include "directory/recipients.hpp"

#include "base/ascii.hpp"

namespace postseal::directory {

using base::fail;
using base::Result;

namespace {

constexpr std::string_view postmaster = "postmaster";

/// The first word of a line; empty for a blank line or a remark.
std::string_view firstWord(std::string_view line) {
    line = base::trim(line);
    if (line.starts_with('#')) return {};
    if (line.starts_with('"')) {  // spaces may stand in quotes; where they end is the mailbox parser's matter
        const auto at = line.rfind('@');
        if (at != std::string_view::npos) return line.substr(0, line.find_first_of(" \t", at));
    }
    return line.substr(0, line.find_first_of(" \t"));
}

}  // namespace

bool namesAnotherAddress(std::string_view local) {
    return local.find_first_of("@%!") != std::string_view::npos;
}

Result<Recipients, LineError> Recipients::parse(std::string_view list, const base::DomainName& domain) {
    Recipients recipients;
    recipients.any_ = false;
    for (std::size_t number = 1; !list.empty(); ++number) {
        const auto end = std::min(list.find('\n'), list.size());
        const auto word = firstWord(list.substr(0, end));
        list.remove_prefix(std::min(end + 1, list.size()));
        if (word.empty()) continue;

        if (word == "*" || word.starts_with("*@"))
            return fail(LineError{number, "'" + base::escaped(word, 100) + "' means nobody; '@" +
                                              domain.text() + "' is everyone in the domain"});
        const bool whole = word.starts_with('@');
        const bool bare = word.find('@') == std::string_view::npos;
        const std::string address =
            (whole ? std::string(postmaster) : "") + std::string(word) + (bare ? '@' + domain.text() : "");
        const auto mailbox = record::Mailbox::parse(address, record::Utf8::allowed);
        if (!mailbox)
            return fail(
                LineError{number, "'" + base::escaped(word, 100) + "' is no recipient: " + mailbox.error()});
        if (mailbox->domain() != record::MailDomain(domain)) continue;
        if (whole)
            recipients.any_ = true;
        else
            recipients.locals_.insert(base::toLower(mailbox->local()));
    }
    return recipients;
}

bool Recipients::contains(const record::Mailbox& mailbox) const {
    const auto local = base::toLower(mailbox.local());
    if (local == postmaster || locals_.contains(local)) return true;
    return any_ && !namesAnotherAddress(local);
}

}  // namespace postseal::directory
