#include "record/mailbox.hpp"

#include "base/ascii.hpp"
#include "base/utf8.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace postseal::record {
namespace {

using base::fail;
using base::Result;

// RFC 5321 §4.5.3.1.1 promises 64 and wishes for no limit: return addresses of lists and forwarders (VERP,
// SRS) are longer. No path has more than 256 octets (§4.5.3.1.3).
constexpr std::size_t longestLocal = 255;
constexpr std::string_view atextSigns = "!#$%&'*+-/=?^_`{|}~";
constexpr std::string_view v6Tag = "IPv6:";

// Characters beyond ASCII stand wherever a letter may (RFC 6531 §3.3); whether they may at all, localFault
// says.
bool isAtext(char c) {
    return base::isAlnum(c) || base::is8bit(c) || atextSigns.find(c) != std::string_view::npos;
}

/// Dot-string of RFC 5321 §4.1.2: atoms of at least one character between single dots.
bool isDotString(std::string_view text) {
    if (text.empty() || text.front() == '.' || text.back() == '.') return false;
    if (text.find("..") != std::string_view::npos) return false;
    return std::ranges::all_of(text, [](char c) { return isAtext(c) || c == '.'; });
}

/// U+0080 to U+009F.
bool hasC1Control(std::string_view text) {
    for (std::size_t i = 0; (i = text.find('\xc2', i)) != std::string_view::npos; ++i)
        if (i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0) return true;
    return false;
}

std::string_view localFault(std::string_view local, Utf8 utf8) {
    if (local.empty()) return "the local part is empty";
    if (local.size() > longestLocal) return "the local part is longer than 255 characters";
    if (std::ranges::any_of(local, base::is8bit)) {
        if (utf8 == Utf8::refused) return "the local part has characters beyond ASCII, which need SMTPUTF8";
        if (!base::isUtf8(local)) return "the local part is not UTF-8";
    }
    if (std::ranges::any_of(local, base::isControl) || hasC1Control(local))
        return "the local part has a control character";
    return {};
}

/// What of an unquoted local part only a quoted one may have; empty: nothing. The sign is named, since nobody
/// finds a second dot or a comma that he does not look for.
std::string unquotedFault(std::string_view local) {
    constexpr std::string_view cure = ", which only a quoted one may have, as in \"a..b\"@example.org";
    const auto has = [&](std::string_view what) { return fmt::format("the local part {}{}", what, cure); };
    if (local.starts_with('.')) return has("begins with a dot");
    if (local.ends_with('.')) return has("ends with a dot");
    if (local.find("..") != std::string_view::npos) return has("has two dots in a row");
    const auto sign = std::ranges::find_if(local, [](char c) { return !isAtext(c) && c != '.'; });
    if (sign == local.end()) return {};
    return has(*sign == ' ' ? "has a space" : fmt::format("has the sign {}", *sign));
}

struct Split {
    std::string local;
    std::string_view domain;
};

/// `"..."@domain`; only space and the printable characters may stand inside (qtextSMTP, quoted-pairSMTP).
Result<Split, std::string> splitQuoted(std::string_view text) {
    std::string local;
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == '"') {
            const auto rest = text.substr(i + 1);
            if (!rest.starts_with('@'))
                return fail(std::string("an '@' was expected after the quoted local part"));
            return Split{std::move(local), rest.substr(1)};
        }
        if (text[i] == '\\') ++i;
        if (i < text.size()) local += text[i];
    }
    return fail(std::string("the quoted local part has no closing quote"));
}

Result<Split, std::string> split(std::string_view text, Utf8 utf8) {
    if (text.starts_with('"')) return splitQuoted(text);
    const auto at = text.find('@');
    if (at == std::string_view::npos) return fail(std::string("it has no '@'"));
    const auto local = text.substr(0, at);
    if (const auto fault = localFault(local, utf8); !fault.empty()) return fail(std::string(fault));
    if (auto fault = unquotedFault(local); !fault.empty()) return fail(std::move(fault));
    return Split{std::string(local), text.substr(at + 1)};
}

/// A top-level domain of digits alone is an IP address that lacks its brackets.
bool looksLikeAddress(std::string_view name) {
    const auto dot = name.rfind('.');
    return std::ranges::all_of(dot == std::string_view::npos ? name : name.substr(dot + 1), base::isDigit);
}

}  // namespace

std::string toText(const MailDomain& domain) {
    if (const auto* name = std::get_if<base::DomainName>(&domain)) return name->text();
    const auto& address = std::get<base::IpAddress>(domain);
    return (address.isV4() ? "[" : "[IPv6:") + address.toText() + "]";
}

Result<MailDomain, std::string> parseMailDomain(std::string_view text) {
    if (!text.starts_with('[')) {
        auto name = base::DomainName::parse(text);
        if (!name) return fail("the domain " + name.error());
        if (looksLikeAddress(name->text()))
            return fail(std::string("the domain is an IP address, which must stand in brackets"));
        return MailDomain(std::move(*name));
    }
    if (!text.ends_with(']')) return fail(std::string("the address literal has no closing bracket"));
    auto inner = text.substr(1, text.size() - 2);
    const bool tagged = base::startsWithWord(inner, v6Tag);
    if (tagged) inner.remove_prefix(v6Tag.size());
    const auto address = base::IpAddress::parse(inner);
    const bool hasColon = inner.find(':') != std::string_view::npos;
    if (!address || hasColon != tagged)
        return fail(std::string("the address literal is not like [192.0.2.1] or [IPv6:2001:db8::1]"));
    return MailDomain(*address);
}

Result<Mailbox, std::string> Mailbox::parse(std::string_view text, Utf8 utf8) {
    auto parts = split(text, utf8);
    if (!parts) return fail(std::move(parts.error()));
    auto domain = parseMailDomain(parts->domain);
    if (!domain) return fail(std::move(domain.error()));
    return make(parts->local, std::move(*domain), utf8);
}

Result<Mailbox, std::string> Mailbox::make(std::string_view local, MailDomain domain, Utf8 utf8) {
    if (const auto fault = localFault(local, utf8); !fault.empty()) return fail(std::string(fault));
    return Mailbox(std::string(local), std::move(domain));
}

bool Mailbox::isAscii() const {
    return std::ranges::none_of(local_, base::is8bit);
}

std::string Mailbox::toText() const {
    const auto domain = '@' + record::toText(domain_);
    if (isDotString(local_)) return local_ + domain;
    std::string quoted = "\"";
    for (const char c : local_) {
        if (c == '"' || c == '\\') quoted += '\\';
        quoted += c;
    }
    return quoted + '"' + domain;
}

std::string toText(const ReversePath& path) {
    return path ? path->toText() : std::string();
}

}  // namespace postseal::record
