// The one file that includes the TOML library.
#include "config/value.hpp"

#include "base/ascii.hpp"
#include "base/text_file.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <sstream>

namespace postseal::config {
namespace {

using base::fail;
using base::Result;

Value convert(const toml::node& node);

/// A date or a time as TOML writes it.
std::string written(const toml::node& node) {
    std::ostringstream text;
    node.visit([&](const auto& value) {
        if constexpr (toml::is_chronological<decltype(value)>) text << value.get();
    });
    return text.str();
}

Table convertTable(const toml::table& table) {
    Table converted;
    for (const auto& [key, node] : table)
        converted.members.push_back({std::string(key.str()), convert(node), key.source().begin.line});
    return converted;
}

Value convert(const toml::node& node) {
    const std::size_t line = node.source().begin.line;
    if (const auto* table = node.as_table()) return {convertTable(*table), line};
    if (const auto* array = node.as_array()) {
        std::vector<Value> values;
        for (const auto& element : *array)
            values.push_back(convert(element));
        return {std::move(values), line};
    }
    if (const auto* text = node.as_string()) return {text->get(), line};
    if (const auto* number = node.as_integer()) return {number->get(), line};
    if (const auto* number = node.as_floating_point()) return {number->get(), line};
    if (const auto* truth = node.as_boolean()) return {truth->get(), line};
    return {DateTime{base::parseRfc3339(written(node))}, line};
}

/// Behind the text in quotes that begins at `at`; one on a single line ends with the line at the latest.
std::size_t behindQuotes(std::string_view text, std::size_t at) {
    const char sign = text[at];
    const bool triple = text.substr(at).starts_with(std::string(3, sign));
    const auto quote = text.substr(at, triple ? 3 : 1);
    for (at += quote.size(); at < text.size(); ++at) {
        if (text.substr(at).starts_with(quote)) return at + quote.size();
        if (text[at] == '\n' && !triple) return at;
        if (text[at] == '\\' && sign == '"') ++at;
    }
    return text.size();
}

// The library has undefined behaviour where a key begins with a byte beyond ASCII, and no key of ours has
// one. Finds the line of the first such byte that stands outside of texts and remarks; 0: there is none.
std::size_t lineBeyondAscii(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const char c = text[at];
        if (base::is8bit(c))
            return 1 + static_cast<std::size_t>(std::ranges::count(text.substr(0, at), '\n'));
        if (c == '#')
            at = std::min(text.find('\n', at), text.size());
        else
            at = c == '"' || c == '\'' ? behindQuotes(text, at) : at + 1;
    }
    return 0;
}

/// Whether `key = value` stands in the line, with a value that would be text if it had quotes.
bool lacksQuotes(std::string_view text, std::size_t line) {
    for (std::size_t i = 1; i < line; ++i)
        text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
    text = text.substr(0, text.find('\n'));
    const auto equals = text.find('=');
    if (equals == std::string_view::npos) return false;
    const auto value = base::trim(text.substr(equals + 1));
    return !value.empty() && value.find_first_of("\"'[{#") == std::string_view::npos;
}

std::string hintFor(std::string_view message, std::string_view text, std::size_t line) {
    if (lacksQuotes(text, line)) return "text stands in quotes: key = \"text\"";
    if (message.find("inline table") != std::string_view::npos)
        return "a table in braces stands on one line; longer ones are written as a [section]";
    if (message.find("redefine") != std::string_view::npos) return "it stands in the file twice";
    return {};
}

}  // namespace

const Member* Table::find(std::string_view name) const {
    const auto found = std::ranges::find(members, name, &Member::name);
    return found == members.end() ? nullptr : &*found;
}

std::string_view kindOf(const Value& value) {
    constexpr std::array<std::string_view, 7> kinds{
        "text", "a whole number", "a broken number", "true or false", "a date", "a list", "a table"};
    return kinds[value.what.index()];
}

Result<Table, SyntaxError> parseToml(std::string_view text) {
    text = base::withoutByteOrderMark(text);
    if (const auto line = lineBeyondAscii(text); line != 0)
        return fail(SyntaxError{line, "a character beyond ASCII stands outside of quotes", ""});
    try {
        return convertTable(toml::parse(text));
    } catch (const toml::parse_error& error) {
        const std::string message(error.description());
        const std::size_t line = error.source().begin.line;
        return fail(SyntaxError{line, message, hintFor(message, text, line)});
    }
}

}  // namespace postseal::config
