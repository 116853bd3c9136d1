// One value of the configuration on its way into the settings: each function takes what its name says, or
// notes what is wrong with it.
#pragma once

#include "base/ascii.hpp"
#include "base/ip_address.hpp"
#include "base/time.hpp"
#include "config/error.hpp"
#include "config/settings.hpp"
#include "config/value.hpp"

#include <array>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace postseal::config {

/// Where errors gather, and what relative paths begin from.
struct Notes {
    std::filesystem::path file;
    Purpose purpose = Purpose::serve;
    std::vector<ConfigError> errors = {};
    std::vector<NamedFile> files = {};  // those that were looked into

    void add(std::size_t line, std::string key, std::string message, std::string hint = {}) {
        errors.push_back({file.string(), line, std::move(key), std::move(message), std::move(hint)});
    }
};

class Item {
public:
    Item(const Value& value, std::string key, Notes& notes)
        : value_(value), key_(std::move(key)), notes_(notes) {}

    const std::string& key() const { return key_; }
    std::size_t line() const { return value_.line; }
    void fail(std::string message, std::string hint = {}) {
        notes_.add(value_.line, key_, std::move(message), std::move(hint));
    }
    /// For what a later version will have.
    void notBuilt(std::string_view what) { fail(std::string(what) + " is not built yet"); }

    std::optional<std::string> text();
    /// Text, not empty.
    void takeText(std::string& target);
    void takeFlag(bool& target);
    template <std::unsigned_integral Number>
    void takeCount(Number& target, std::uint64_t least, std::uint64_t most) {
        if (const auto number =
                count(least, std::min<std::uint64_t>(most, std::numeric_limits<Number>::max())))
            target = static_cast<Number>(*number);
    }
    /// A number of bytes, or text like "50M" (1024 each step).
    template <std::unsigned_integral Number>
    void takeBytes(Number& target, std::uint64_t least, std::uint64_t most) {
        if (const auto number = bytes(least, most)) target = static_cast<Number>(*number);
    }
    void takeDuration(std::chrono::seconds& target, std::chrono::seconds least = std::chrono::seconds(1));
    std::optional<std::chrono::seconds> duration(std::chrono::seconds least);

    bool isFlag() const { return std::holds_alternative<bool>(value_.what); }
    bool isTable() const { return std::holds_alternative<Table>(value_.what); }
    /// Members of a table, each by what takes it; one with another name is an error.
    struct Part {
        std::string_view name;
        std::function<void(Item&)> take;
    };
    void takeParts(std::initializer_list<Part> parts);

    /// A date, which is its first moment in UTC, or a time with its offset.
    std::optional<base::Timestamp> time();
    void takeNetworks(std::vector<base::Network>& target);
    std::vector<std::string> texts();
    /// One alone need not stand in brackets.
    std::vector<std::string> textOrTexts();

    /// A path, made to begin at the configuration file's folder; empty where it is no text.
    std::filesystem::path path();
    /// A file that can be read now; where nothing is served, it is not looked into.
    void takeFile(std::string& target);
    /// A file that is read later, and may be missing till then.
    void takeLaterFile(std::filesystem::path& target);
    bool isForServing() const { return notes_.purpose == Purpose::serve; }
    void takeFolder(std::string& target);
    /// The bytes of the file at a path that `path()` gave; notes why it can't be read.
    std::optional<std::string> contentOf(const std::filesystem::path& file);
    /// The same of a file that people write.
    std::optional<std::string> textOf(const std::filesystem::path& file);

    /// A word of a closed set; `later` are those of later versions.
    template <class Enum, std::size_t n>
    void takeWord(Enum& target, const std::array<std::pair<std::string_view, Enum>, n>& words,
                  std::initializer_list<std::string_view> later = {}) {
        const auto given = text();
        if (!given) return;
        std::vector<std::string_view> known;
        for (const auto& [word, value] : words) {
            if (word == *given) {
                target = value;
                return;
            }
            known.push_back(word);
        }
        refuseWord(*given, known, later);
    }

private:
    std::optional<std::uint64_t> count(std::uint64_t least, std::uint64_t most);
    std::optional<std::uint64_t> bytes(std::uint64_t least, std::uint64_t most);
    void refuseWord(const std::string& given, const std::vector<std::string_view>& known,
                    std::initializer_list<std::string_view> later);
    void wrongKind(std::string_view wanted);

    const Value& value_;
    std::string key_;
    Notes& notes_;
};

}  // namespace postseal::config
