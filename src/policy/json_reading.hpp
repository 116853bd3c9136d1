// Reads foreign JSON into values: each step refuses with words for people, which read() gives as its error.
// Included by the .cpp of a format, since Boost.JSON costs seconds to compile. Pure.
#pragma once

#include "base/ascii.hpp"
#include "base/result.hpp"

#include <boost/json.hpp>

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace postseal::policy::json {

/// Ends the reading; caught in read(), never seen outside.
struct Fault : std::runtime_error {
    using std::runtime_error::runtime_error;
};

[[noreturn]] inline void refuse(std::string_view key, std::string_view wanted) {
    throw Fault("\"" + std::string(key) + "\" is not " + std::string(wanted));
}

enum class Missing { isFault, isEmpty };

/// nullptr where the key is absent.
inline const boost::json::value* find(const boost::json::object& object, std::string_view key) {
    return object.if_contains(key);
}

inline std::string textOf(const boost::json::object& object, std::string_view key,
                          Missing missing = Missing::isFault) {
    const auto* const value = find(object, key);
    if (value == nullptr && missing == Missing::isEmpty) return {};
    if (value == nullptr || !value->is_string()) refuse(key, "there as a string");
    return std::string(value->get_string());
}

inline const boost::json::object& objectOf(const boost::json::value& value, std::string_view key) {
    if (!value.is_object()) refuse(key, "a list of objects");
    return value.get_object();
}

/// Of an array that may be absent, which is the same as an empty one.
template <class Take>
void each(const boost::json::object& object, std::string_view key, Take take) {
    const auto* const value = find(object, key);
    if (value == nullptr) return;
    if (!value->is_array()) refuse(key, "a list");
    for (const auto& item : value->get_array())
        take(item);
}

template <class Take>
void eachText(const boost::json::object& object, std::string_view key, Take take) {
    each(object, key, [&](const boost::json::value& item) {
        if (!item.is_string()) refuse(key, "a list of strings");
        take(std::string_view(item.get_string()));
    });
}

template <class Take>
void eachObject(const boost::json::object& object, std::string_view key, Take take) {
    each(object, key, [&](const boost::json::value& item) { take(objectOf(item, key)); });
}

/// `make` makes the value of the whole text's object.
template <class Value, class Make>
base::Result<Value, std::string> read(std::string_view text, std::size_t longest, Make make) {
    constexpr std::size_t deepest = 16;
    if (text.size() > longest) return base::fail("it is longer than " + std::to_string(longest) + " octets");
    try {
        boost::json::error_code error;
        const auto value = boost::json::parse(text, error, {}, {.max_depth = deepest});
        if (error) return base::fail("it is no JSON: " + error.message());
        if (!value.is_object()) return base::fail(std::string("it is no JSON object"));
        return make(value.get_object());
    } catch (const Fault& fault) {
        return base::fail(base::escaped(fault.what(), 400));
    }
}

}  // namespace postseal::policy::json
