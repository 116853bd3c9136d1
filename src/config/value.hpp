// A TOML document as plain values with their lines, so that only config/toml.cpp includes the library.
// Members keep the document's order.
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace postseal::config {

struct Member;

struct Table {
    std::vector<Member> members;

    const Member* find(std::string_view name) const;
};

/// None: what names no moment, as a time of day does, or a time without its offset.
struct DateTime {
    std::optional<base::Timestamp> time;
};

struct Value {
    std::variant<std::string, std::int64_t, double, bool, DateTime, std::vector<Value>, Table> what;
    std::size_t line = 0;
};

struct Member {
    std::string name;
    Value value;
    std::size_t line = 0;  // of the name
};

/// For messages: `text`, `a whole number`, ...
std::string_view kindOf(const Value& value);

struct SyntaxError {
    std::size_t line = 0;
    std::string message;
    std::string hint;
};

base::Result<Table, SyntaxError> parseToml(std::string_view text);

}  // namespace postseal::config
