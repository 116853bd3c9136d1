#include "policy/map.hpp"

#include "base/in_quotes.hpp"
#include "policy/map_entry.hpp"
#include "policy/map_words.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace postseal::policy {
namespace {

using base::fail;
using base::inQuotes;
using base::Result;
using record::NextHop;

/// The canonical form of a left-hand side; the error is a fault's words.
Result<std::string, std::string> parseKey(std::string_view key) {
    if (key == "*")
        return fail(std::string(
            "\"*\" is no next hop; the level for all others is the configuration's [outbound] level"));
    if (key.starts_with('.')) {
        const auto parent = base::DomainName::parse(key.substr(1));
        if (!parent) return fail(inQuotes(key) + ' ' + parent.error());
        return '.' + parent->text();
    }
    const auto nextHop = NextHop::parse(key);
    if (!nextHop) return fail(inQuotes(key) + ": " + nextHop.error());
    return toText(*nextHop);
}

}  // namespace

std::string toText(const MapFault& fault, std::string_view fileName) {
    return fmt::format("{}:{}: {}", fileName, fault.line, fault.words);
}

Result<Map, std::vector<MapFault>> Map::parse(std::string_view text, std::string_view fileName,
                                              const LoadAnchors& loadAnchors) {
    std::vector<MapFault> faults;
    Map map;
    // Postfix separates attributes by commas, too.
    for (const auto& words : entriesOf(text, " \t\r\v\f,", faults)) {
        const auto& first = words.front();
        auto key = parseKey(first.text);
        if (!key) faults.push_back({first.line, key.error()});
        if (words.size() == 1) {
            faults.push_back({first.line, inQuotes(first.text) + " has no level behind it"});
            continue;
        }
        auto entry = parseEntry(std::span(words).subspan(1), loadAnchors, faults);
        entry.line = first.line;
        entry.claim.detail = fmt::format("{}:{}", fileName, first.line);
        if (!key) continue;
        const auto [at, isNew] = map.entries_.try_emplace(std::move(*key), std::move(entry));
        if (!isNew)
            faults.push_back({first.line, fmt::format("{} stands in line {} already", inQuotes(first.text),
                                                      at->second.line)});
    }
    if (faults.empty()) return map;
    tidy(faults);
    return fail(std::move(faults));
}

const MapEntry* Map::at(std::string_view key) const {
    const auto found = entries_.find(key);
    return found == entries_.end() ? nullptr : &found->second;
}

std::vector<std::size_t> Map::linesThatNeedAuthorities() const {
    constexpr std::size_t mostTold = 10;
    std::vector<std::size_t> lines;
    for (const auto& [key, entry] : entries_) {
        const auto& level = entry.claim.level;
        if (level != record::Level::verify && level != record::Level::secure) continue;
        const bool hasOwn = std::ranges::any_of(entry.claim.conditions, [](const auto& condition) {
            const auto* const names = std::get_if<record::NamesCondition>(&condition);
            return names != nullptr && !names->anchors.empty();
        });
        if (!hasOwn) lines.push_back(entry.line);
    }
    std::ranges::sort(lines);
    lines.resize(std::min(lines.size(), mostTold));
    return lines;
}

const MapEntry* Map::find(const NextHop& nextHop) const {
    if (entries_.empty()) return nullptr;
    const auto key = toText(nextHop);
    if (const auto* entry = at(key); entry != nullptr) return entry;
    if (nextHop.lookup == NextHop::Lookup::address || nextHop.port) return nullptr;
    for (auto dot = key.find('.'); dot != key.npos; dot = key.find('.', dot + 1))
        if (const auto* entry = at(std::string_view(key).substr(dot)); entry != nullptr) return entry;
    return nullptr;
}

}  // namespace postseal::policy
