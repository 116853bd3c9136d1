#include "smtp/dsn_parameters.hpp"

#include "base/ascii.hpp"
#include "base/utf8.hpp"
#include "base/xtext.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace postseal::smtp {
namespace {

constexpr std::string_view asciiType = "rfc822";
constexpr std::string_view utf8Type = "utf-8";

Reply syntax(const char* form) {
    return {501, "5.5.4", std::string("Syntax: ") + form};
}

/// Atom of RFC 822.
bool isAtom(std::string_view text) {
    constexpr std::string_view specials = " ()<>@,;:\\\".[]";
    const auto fits = [&](char c) {
        return base::isPrintable(c) && specials.find(c) == std::string_view::npos;
    };
    return !text.empty() && std::ranges::all_of(text, fits);
}

}  // namespace

base::Result<record::Returned, Reply> parseReturned(std::string_view value) {
    if (base::sameWord(value, "FULL")) return record::Returned::whole;
    if (base::sameWord(value, "HDRS")) return record::Returned::headers;
    return base::fail(syntax("RET=FULL or RET=HDRS, once"));
}

base::Result<std::string, Reply> parseEnvelopeId(std::string_view value) {
    auto id = base::fromXtext(value);
    if (value.empty() || value.size() > longestEnvelopeId || !id)
        return base::fail(syntax("ENVID=xtext of at most 100 characters, once"));
    return std::move(*id);
}

base::Result<record::Notify, Reply> parseNotify(std::string_view value) {
    record::Notify notify{.isAsked = true, .success = false, .failure = false, .delay = false};
    if (base::sameWord(value, "NEVER")) return notify;
    while (true) {
        const auto end = std::min(value.find(','), value.size());
        const auto word = value.substr(0, end);
        if (base::sameWord(word, "SUCCESS"))
            notify.success = true;
        else if (base::sameWord(word, "FAILURE"))
            notify.failure = true;
        else if (base::sameWord(word, "DELAY"))
            notify.delay = true;
        else
            return base::fail(syntax("NOTIFY=NEVER or a list of SUCCESS,FAILURE,DELAY, once"));
        if (end == value.size()) return notify;
        value.remove_prefix(end + 1);
    }
}

base::Result<std::string, Reply> parseOriginalRecipient(std::string_view value, record::Utf8 utf8) {
    const auto fault = syntax("ORCPT=type;xtext of at most 500 characters, once");
    const auto type = value.substr(0, value.find(';'));
    if (value.size() > longestOriginalRecipient || type.size() == value.size() || !isAtom(type))
        return base::fail(fault);
    const auto encoded = value.substr(type.size() + 1);
    if (utf8 == record::Utf8::refused && std::ranges::any_of(encoded, base::is8bit)) return base::fail(fault);
    const bool isUtf8 = base::sameWord(type, utf8Type);
    const auto address = isUtf8 ? base::fromUtf8Xtext(encoded) : base::fromXtext(encoded);
    if (!address && utf8 == record::Utf8::allowed && base::sameWord(type, asciiType))
        if (const auto fromPostfix = base::utf8FromXtext(encoded))
            return fmt::format("{};{}", utf8Type, *fromPostfix);
    if (!address) return base::fail(fault);
    return std::string(type) + ';' + *address;
}

std::string mailDsnParameters(record::Returned returned, std::string_view envelopeId) {
    std::string text;
    switch (returned) {
    case record::Returned::unasked: break;
    case record::Returned::headers: text += " RET=HDRS"; break;
    case record::Returned::whole: text += " RET=FULL"; break;
    }
    if (!envelopeId.empty()) text += " ENVID=" + base::toXtext(envelopeId);
    return text;
}

std::string rcptDsnParameters(const record::Notify& notify, std::string_view original) {
    std::string wanted;
    const auto add = [&](bool isWanted, const char* word) {
        if (isWanted) wanted += (wanted.empty() ? "" : ",") + std::string(word);
    };
    add(notify.success, "SUCCESS");
    add(notify.failure, "FAILURE");
    add(notify.delay, "DELAY");
    std::string text;
    if (notify.isAsked) text += " NOTIFY=" + (wanted.empty() ? "NEVER" : wanted);
    const auto semicolon = original.find(';');
    if (semicolon == std::string_view::npos) return text;

    const auto type = original.substr(0, semicolon);
    const auto address = original.substr(semicolon + 1);
    const auto encoded =
        std::string(type) + ';' +
        (base::sameWord(type, utf8Type) ? base::toUtf8Xtext(address) : base::toXtext(address));
    if (encoded.size() <= longestOriginalRecipient) text += " ORCPT=" + encoded;
    return text;
}

}  // namespace postseal::smtp
