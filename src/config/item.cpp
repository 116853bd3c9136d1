#include "config/item.hpp"

#include "base/in_quotes.hpp"
#include "base/text_file.hpp"
#include "config/postfix_names.hpp"

#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <fstream>
#include <iterator>

namespace postseal::config {
namespace {

using base::inQuotes;

constexpr std::uintmax_t longestFile = 64U << 20U;  // of a list of recipients

/// 50M, 64k, 1G, 512.
std::optional<std::uint64_t> parseBytes(std::string_view text) {
    constexpr std::string_view units = "kmgt";
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
    if (error != std::errc() || unit.size() > 1) return std::nullopt;
    if (unit.empty()) return number;
    const auto power = units.find(base::toLower(unit.front()));
    if (power == std::string_view::npos) return std::nullopt;
    const auto shift = 10U * (static_cast<unsigned>(power) + 1);
    if (number > (std::numeric_limits<std::uint64_t>::max() >> shift)) return std::nullopt;
    return number << shift;
}

/// Root's own files stay root's: the account has copies, which certbot's hook makes (docs/beside-postfix.md).
std::string cureOfDenial() {
    return "the account that this runs as (uid " + std::to_string(::geteuid()) +
           ") may not; of a certificate, let it have a copy that is made at each renewal";
}

std::string range(std::uint64_t least, std::uint64_t most) {
    return "from " + std::to_string(least) + " to " + std::to_string(most);
}

}  // namespace

void Item::wrongKind(std::string_view wanted) {
    fail("is " + std::string(wanted) + ", not " + std::string(kindOf(value_)));
}

void Item::takeParts(std::initializer_list<Part> parts) {
    const auto* const table = std::get_if<Table>(&value_.what);
    if (table == nullptr) return wrongKind("a table of keys");
    std::vector<std::string_view> known;
    for (const Part& part : parts)
        known.push_back(part.name);
    for (const Member& member : table->members) {
        const auto part = std::ranges::find(parts, member.name, &Part::name);
        Item item(member.value, key_ + '.' + base::escaped(member.name, 80), notes_);
        if (part != parts.end()) {
            part->take(item);
            continue;
        }
        const auto nearest = base::nearestWord(member.name, known);
        item.fail("unknown key", nearest.empty() ? "" : "did you mean \"" + std::string(nearest) + "\"?");
    }
}

std::optional<std::string> Item::text() {
    if (const auto* text = std::get_if<std::string>(&value_.what)) return *text;
    wrongKind("text in quotes");
    return std::nullopt;
}

void Item::takeText(std::string& target) {
    auto given = text();
    if (!given) return;
    if (given->empty()) return fail("is empty");
    target = std::move(*given);
}

void Item::takeFlag(bool& target) {
    if (const auto* truth = std::get_if<bool>(&value_.what))
        target = *truth;
    else
        wrongKind("true or false");
}

std::optional<std::uint64_t> Item::count(std::uint64_t least, std::uint64_t most) {
    const auto* const number = std::get_if<std::int64_t>(&value_.what);
    if (number == nullptr) {
        wrongKind("a whole number");
        return std::nullopt;
    }
    if (*number < 0 || static_cast<std::uint64_t>(*number) < least ||
        static_cast<std::uint64_t>(*number) > most) {
        fail(std::to_string(*number) + " is no number " + range(least, most));
        return std::nullopt;
    }
    return static_cast<std::uint64_t>(*number);
}

std::optional<std::uint64_t> Item::bytes(std::uint64_t least, std::uint64_t most) {
    const auto* const given = std::get_if<std::string>(&value_.what);
    if (given == nullptr) return count(least, most);
    const auto number = parseBytes(*given);
    if (!number || *number < least || *number > most) {
        fail(inQuotes(*given) + " is no size like \"50M\", in bytes " + range(least, most));
        return std::nullopt;
    }
    return number;
}

std::optional<std::chrono::seconds> Item::duration(std::chrono::seconds least) {
    const auto given = text();
    if (!given) return std::nullopt;
    const auto time = base::parseDuration(*given);
    if (!time || *time < least) {
        fail(inQuotes(*given) + " is no time like \"30s\", \"5m\", \"4h\" or \"5d\", at least " +
             base::toText(least));
        return std::nullopt;
    }
    return time;
}

void Item::takeDuration(std::chrono::seconds& target, std::chrono::seconds least) {
    if (const auto time = duration(least)) target = *time;
}

std::optional<base::Timestamp> Item::time() {
    std::optional<base::Timestamp> time;
    if (const auto* const date = std::get_if<DateTime>(&value_.what)) time = date->time;
    if (const auto* const text = std::get_if<std::string>(&value_.what)) time = base::parseRfc3339(*text);
    if (!time) fail("is no date like 2027-01-31 and no time like 2027-01-31T12:00:00Z");
    return time;
}

std::vector<std::string> Item::texts() {
    const auto* const list = std::get_if<std::vector<Value>>(&value_.what);
    if (list == nullptr) {
        wrongKind("a list in brackets");
        return {};
    }
    std::vector<std::string> texts;
    for (const auto& value : *list)
        if (auto text = Item(value, key_, notes_).text()) texts.push_back(std::move(*text));
    return texts;
}

std::vector<std::string> Item::textOrTexts() {
    if (std::holds_alternative<std::vector<Value>>(value_.what)) return texts();
    const auto one = text();
    return one ? std::vector{*one} : std::vector<std::string>();
}

void Item::takeNetworks(std::vector<base::Network>& target) {
    for (const auto& text : texts()) {
        const auto network = base::Network::parse(text);
        if (network)
            target.push_back(*network);
        else
            fail(network.error());
    }
}

std::filesystem::path Item::path() {
    std::string given;
    takeText(given);
    if (!tableTypeOf(given).empty()) {
        fail(inQuotes(given) + " begins with a type of table, as Postfix has them", cureOfTable(given));
        return {};
    }
    return given.empty() ? std::filesystem::path() : notes_.file.parent_path() / given;
}

std::optional<std::string> Item::contentOf(const std::filesystem::path& file) {
    notes_.files.push_back({key_, file});
    std::error_code error;
    if (std::filesystem::is_directory(file, error)) {
        fail(file.string() + " is a folder, not a file");
        return std::nullopt;
    }
    std::ifstream stream(file, std::ios::binary);
    if (!stream) {
        const std::error_code why(errno, std::generic_category());
        fail(file.string() + " can't be read: " + why.message(),
             why == std::errc::permission_denied ? cureOfDenial() : "");
        return std::nullopt;
    }
    if (std::filesystem::file_size(file, error) > longestFile && !error) {
        fail(file.string() + " is larger than 64 MiB");
        return std::nullopt;
    }
    return std::string(std::istreambuf_iterator<char>(stream), {});
}

std::optional<std::string> Item::textOf(const std::filesystem::path& file) {
    const auto content = contentOf(file);
    return content ? std::optional(std::string(base::withoutByteOrderMark(*content))) : std::nullopt;
}

void Item::takeFile(std::string& target) {
    const auto file = path();
    if (!file.empty() && (!isForServing() || contentOf(file))) target = file.string();
}

void Item::takeLaterFile(std::filesystem::path& target) {
    target = path();
    if (!target.empty()) notes_.files.push_back({key_, target});
}

void Item::takeFolder(std::string& target) {
    const auto folder = path();
    if (folder.empty()) return;
    notes_.files.push_back({key_, folder});
    std::error_code error;
    if (std::filesystem::is_directory(folder, error))
        target = folder.string();
    else
        fail(folder.string() + " is no folder" + (error ? ": " + error.message() : ""));
}

void Item::refuseWord(const std::string& given, const std::vector<std::string_view>& known,
                      std::initializer_list<std::string_view> later) {
    for (const auto word : later)
        if (word == given) return notBuilt(inQuotes(given));
    std::string all;
    for (const auto word : known)
        all += (all.empty() ? "" : ", ") + inQuotes(word);
    const auto nearest = base::nearestWord(given, known);
    fail(inQuotes(given) + " is none of " + all,
         nearest.empty() ? "" : "did you mean " + inQuotes(nearest) + "?");
}

}  // namespace postseal::config
