#include "mail/statement_id.hpp"

#include "base/ascii.hpp"
#include "base/utf8.hpp"
#include "mail/statement.hpp"

#include <algorithm>
#include <string>

namespace postseal::mail {
namespace {

/// White space and control characters: readers pass over them, end at them, or trim them.
bool isGap(char c) {
    return base::isBlank(c) || base::isControl(c);
}

bool isNameOctet(char c) {
    return base::isAlnum(c) || c == '-' || c == '_' || c == '.' || base::is8bit(c);
}

/// What takes the place of a comment: some readers see a space there, and some nothing.
enum class Comment { space, nothing };

/// What stands before the first semicolon, without comments and quotes (RFC 5322 §3.2.2, §3.2.4).
struct Beginning {
    std::string text = {};
    bool isBroken = false;  // a comment or a quote does not end: each reader makes something else of it
    bool isWhole = false;   // the semicolon has come
};

Beginning beginningOf(std::string_view value, Comment comment) {
    Beginning found;
    int depth = 0;
    bool inQuotes = false;
    for (std::size_t i = 0; i < value.size(); ++i) {
        const char c = value[i];
        if (c == '\\' && i + 1 < value.size()) {
            ++i;
            if (depth == 0) found.text += value[i];
        } else if (depth == 0 && c == '"') {
            inQuotes = !inQuotes;
        } else if (!inQuotes && c == '(') {
            if (depth++ == 0 && comment == Comment::space) found.text += ' ';
        } else if (depth > 0) {
            if (c == ')') --depth;
        } else if (c == ';' && !inQuotes && std::ranges::any_of(found.text, isNameOctet)) {
            found.isWhole = true;
            return found;
        } else {
            found.text += c;
        }
    }
    found.isBroken = depth > 0 || inQuotes;
    return found;
}

std::string without(std::string_view text, bool (*isDropped)(char)) {
    std::string rest(text);
    std::erase_if(rest, isDropped);
    return rest;
}

/// With dots of ASCII in the place of those that IDNA takes for dots (RFC 3490 §3.1).
std::string withPlainDots(std::string text) {
    for (const std::string_view dot : {"\u3002", "\uff0e", "\uff61"})
        for (auto at = text.find(dot); at != text.npos; at = text.find(dot, at))
            text.replace(at, dot.size(), ".");
    return text;
}

/// `mx . example . org`: RFC 5322's obsolete form of a domain (§4.4).
std::string closedAtDots(std::string_view given) {
    const auto text = withPlainDots(std::string(given));
    std::string closed;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!isGap(text[i])) {
            closed += text[i];
            continue;
        }
        const auto next = std::find_if_not(text.begin() + static_cast<std::ptrdiff_t>(i), text.end(), isGap);
        const bool atDot = (next != text.end() && *next == '.') || closed.ends_with('.');
        if (!atDot) closed += text[i];
    }
    return closed;
}

/// Octets that are no UTF-8 are the characters of ISO-8859-1.
std::string asUtf8(std::string_view text) {
    if (base::isUtf8(text)) return std::string(text);
    std::string utf8;
    for (const char c : text)
        base::appendUtf8(utf8, static_cast<unsigned char>(c));
    return utf8;
}

bool isId(std::string_view word, const base::DomainName& id) {
    while (word.ends_with('.'))
        word.remove_suffix(1);
    const auto name = base::DomainName::parse(asUtf8(word));
    return name && *name == id;
}

/// White space beyond ASCII, what stands for nothing, and what stands for octets that were no character.
bool isUnicodeGap(char32_t c) {
    constexpr std::u32string_view gaps =
        U"\u0085\u00a0\u1680\u180e\u2028\u2029\u202f\u205f\u2060\u3000\ufeff\ufffd";
    return (c >= 0x2000 && c <= 0x200f) || (c >= 0x80 && c < 0xa0) || gaps.find(c) != gaps.npos;
}

/// With a control character in the place of each of them, and of octets that are no UTF-8.
std::string withPlainGaps(std::string_view text) {
    std::string plain;
    while (!text.empty()) {
        const auto length = base::utf8Length(text);
        const bool isGap = length == 0 || (length > 1 && isUnicodeGap(base::firstCodePoint(text)));
        const auto character = text.substr(0, std::max<std::size_t>(length, 1));
        plain += isGap ? std::string_view("\x01") : character;
        text.remove_prefix(character.size());
    }
    return plain;
}

/// The first word of name's octets, whatever signs stand before it.
bool beginsWithId(std::string_view text, const base::DomainName& id) {
    const auto begin = std::ranges::find_if(text, isNameOctet);
    const std::string_view word(begin, std::find_if_not(begin, text.end(), isNameOctet));
    // No name is so long but for what readers drop of it.
    constexpr std::size_t longest = 1024;
    return word.size() > longest || isId(word, id);
}

/// In each way in which gaps are read.
bool isIdByAnyGap(std::string_view text, const base::DomainName& id) {
    const auto closed = closedAtDots(text);
    return beginsWithId(text, id) || beginsWithId(closed, id) ||
           beginsWithId(without(text, base::isControl), id) ||
           beginsWithId(without(closed, base::isControl), id) || beginsWithId(without(text, isGap), id);
}

bool isOurs(std::string_view text, const base::DomainName& id) {
    if (isIdByAnyGap(text, id)) return true;
    return std::ranges::any_of(text, base::is8bit) && isIdByAnyGap(withPlainGaps(text), id);
}

}  // namespace

IsStatement isStatement(std::string_view field) {
    std::size_t matched = 0;
    for (const char c : field) {
        const bool isWhole = matched == statementField.size();
        if (c == ':') return isWhole ? IsStatement::yes : IsStatement::no;
        // What no name has, some readers drop; white space may stand before the colon (RFC 5322 §4.5).
        if ((base::isControl(c) && c != '\t') || base::is8bit(c) || (isWhole && base::isBlank(c))) continue;
        if (isWhole || base::toLower(c) != base::toLower(statementField[matched])) return IsStatement::no;
        ++matched;
    }
    return IsStatement::notYetKnown;
}

bool bearsId(std::string_view value, Extent extent, const base::DomainName& id) {
    for (const auto comment : {Comment::space, Comment::nothing}) {
        const auto begin = beginningOf(value, comment);
        if (begin.isBroken || (extent == Extent::cut && !begin.isWhole)) return true;
        // An encoded word (RFC 2047) may hold any name, and no statement's id has one.
        if (begin.text.find("=?") != std::string::npos || isOurs(begin.text, id)) return true;
    }
    return false;
}

}  // namespace postseal::mail
