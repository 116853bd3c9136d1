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

/// `mx . example . org`: RFC 5322's obsolete form of a domain (§4.4).
std::string closedAtDots(std::string_view text) {
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

/// The first word of name's octets, whatever signs stand before it.
bool beginsWithId(std::string_view text, const base::DomainName& id) {
    const auto find = [](std::string_view where, bool (*isPart)(char)) {
        const auto begin = std::ranges::find_if(where, isPart);
        const auto end = std::find_if_not(begin, where.end(), isPart);
        return std::string_view(begin, end);
    };
    const auto word = find(text, isNameOctet);
    if (isId(word, id)) return true;
    if (std::ranges::none_of(word, base::is8bit)) return false;
    if (base::isUtf8(word) && base::DomainName::parse(word)) return false;
    // No name as it stands: it has a space of Unicode, or an octet that decoders drop or replace.
    const auto isAsciiName = [](char c) { return isNameOctet(c) && !base::is8bit(c); };
    return isId(without(word, base::is8bit), id) || isId(find(word, isAsciiName), id);
}

/// In each way in which gaps are read.
bool isOurs(std::string_view text, const base::DomainName& id) {
    const auto closed = closedAtDots(text);
    return beginsWithId(text, id) || beginsWithId(closed, id) ||
           beginsWithId(without(text, base::isControl), id) ||
           beginsWithId(without(closed, base::isControl), id) || beginsWithId(without(text, isGap), id);
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
