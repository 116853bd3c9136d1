#include "policy/map_words.hpp"

#include "base/in_quotes.hpp"
#include "base/text_file.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace postseal::policy {
namespace {

using base::fail;
using base::inQuotes;
using base::Result;
using record::Protocol;

constexpr std::size_t mostFaults = 100;
constexpr std::array<std::string_view, 3> gradeNames{"low", "medium", "high"};
constexpr std::array<std::string_view, 4> protocolNames{"TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"};
constexpr std::array<Protocol, 4> protocols{Protocol::tls10, Protocol::tls11, Protocol::tls12,
                                            Protocol::tls13};

Result<Protocol, std::string> parseProtocolName(std::string_view name) {
    for (std::size_t i = 0; i < protocols.size(); ++i)
        if (base::sameWord(name, protocolNames[i])) return protocols[i];
    if (base::sameWord(name, "SSLv2") || base::sameWord(name, "SSLv3"))
        return fail(fmt::format("{} is not built; the lowest protocol is TLSv1", name));
    return fail(inQuotes(name) + " is no protocol (TLSv1, TLSv1.1, TLSv1.2, TLSv1.3)" +
                suggestion(name, protocolNames));
}

constexpr unsigned all = 15;  // the four protocols

unsigned from(Protocol lowest) {
    return all & ~(static_cast<unsigned>(lowest) - 1);
}
unsigned upTo(Protocol highest) {
    return (static_cast<unsigned>(highest) << 1U) - 1;
}

void splitWords(const base::Line& line, std::string_view separators, std::vector<Word>& words) {
    for (std::size_t begin = 0; (begin = line.text.find_first_not_of(separators, begin)) != line.text.npos;) {
        const auto end = std::min(line.text.find_first_of(separators, begin), line.text.size());
        words.push_back({line.text.substr(begin, end - begin), line.number});
        begin = end;
    }
}

}  // namespace

std::vector<std::vector<Word>> entriesOf(std::string_view text, std::string_view separators,
                                         std::vector<MapFault>& faults) {
    std::vector<std::vector<Word>> entries;
    for (const auto& line : base::logicalLines(text)) {
        const auto& first = line.front();
        if (base::isSpace(first.text.front())) {
            faults.push_back(
                {first.number, "begins with a space, but there is no entry before it to continue"});
            continue;
        }
        auto& words = entries.emplace_back();
        for (const auto& part : line)
            splitWords(part, separators, words);
    }
    std::erase_if(entries, [](const auto& words) { return words.empty(); });  // nothing but separators
    return entries;
}

void tidy(std::vector<MapFault>& faults) {
    std::ranges::sort(faults, {}, &MapFault::line);
    if (faults.size() <= mostFaults) return;
    const auto more = faults.size() - mostFaults;
    faults.resize(mostFaults);
    faults.push_back({faults.back().line, fmt::format("and {} more faults", more)});
}

std::vector<std::string_view> split(std::string_view text, std::string_view separators) {
    std::vector<std::string_view> parts;
    for (std::size_t begin = 0; begin <= text.size();) {
        const auto end = std::min(text.find_first_of(separators, begin), text.size());
        parts.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return parts;
}

Result<record::CipherGrade, std::string> parseGrade(std::string_view value) {
    const auto word = base::toLower(value);
    if (const auto grade = record::parseCipherGrade(word)) return *grade;
    if (word == "null")
        return fail(std::string("\"null\" encrypts nothing; the grades are low, medium and high"));
    if (word == "export") return fail(std::string("export ciphers no longer exist; the lowest grade is low"));
    return fail(inQuotes(value) + " is no cipher grade (low, medium, high)" + suggestion(word, gradeNames));
}

Result<record::Protocols, std::string> parseProtocols(std::string_view value) {
    unsigned named = 0;
    unsigned excluded = 0;
    std::optional<Protocol> lowest;
    std::optional<Protocol> highest;
    for (auto word : split(value, ":")) {
        const bool lower = word.starts_with(">=");
        const bool upper = word.starts_with("<=");
        const bool without = word.starts_with('!');
        word.remove_prefix(lower || upper ? 2 : (without ? 1 : 0));
        if (without && (base::sameWord(word, "SSLv2") || base::sameWord(word, "SSLv3"))) continue;
        const auto protocol = parseProtocolName(word);
        if (!protocol) return fail(protocol.error());
        const auto bit = static_cast<unsigned>(*protocol);
        if (lower)
            lowest = *protocol;
        else if (upper)
            highest = *protocol;
        else
            (without ? excluded : named) |= bit;
    }
    if (named != 0 && (lowest || highest))
        return fail(std::string("a range (>=, <=) and single protocols exclude each other"));
    unsigned bits = named;
    if (named == 0)
        bits = (lowest ? from(*lowest) : record::Protocols().bits) & (highest ? upTo(*highest) : all);
    bits &= ~excluded;
    if (bits == 0) return fail(inQuotes(value) + " leaves no protocol");
    return record::Protocols{bits};
}

}  // namespace postseal::policy
