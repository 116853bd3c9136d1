// An enhanced status code, `4.7.5` (RFC 3463 §2): its class decides, subject and detail tell. A value; made
// from a literal, which the compiler checks, or by its parser.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace postseal::record {

class Status {
public:
    /// 2, 4 or 5: of success, for now, for good. Temporary, too, while nothing is known: `4.0.0`.
    enum class Class : std::uint8_t { success = 2, temporary = 4, permanent = 5 };

    constexpr Status() = default;
    /// Of a literal alone.
    consteval Status(const char* literal) : Status(read(literal)) {}

    static constexpr std::optional<Status> parse(std::string_view text);

    constexpr Class statusClass() const { return class_; }
    constexpr bool isPermanent() const { return class_ == Class::permanent; }
    /// A refusal that is not believed for good; a success stays one.
    constexpr Status asTemporary() const { return as(isPermanent() ? Class::temporary : class_); }
    /// What is told once we give up.
    constexpr Status asPermanent() const {
        return as(class_ == Class::temporary ? Class::permanent : class_);
    }

    constexpr auto operator<=>(const Status&) const = default;

private:
    friend std::string toText(Status status);

    constexpr Status as(Class other) const {
        Status changed = *this;
        changed.class_ = other;
        return changed;
    }
    static consteval Status read(std::string_view literal) {
        const auto status = parse(literal);
        if (!status) throw std::invalid_argument("no enhanced status code");  // no constant: it won't compile
        return *status;
    }

    Class class_ = Class::temporary;
    std::uint16_t subject_ = 0;
    std::uint16_t detail_ = 0;
};

std::string toText(Status status);

namespace detail {

/// One to three digits from the front of `text`.
constexpr std::optional<std::uint16_t> takeNumber(std::string_view& text) {
    std::uint16_t number = 0;
    std::size_t digits = 0;
    while (digits < 3 && digits < text.size() && text[digits] >= '0' && text[digits] <= '9')
        number = static_cast<std::uint16_t>(number * 10 + (text[digits++] - '0'));
    if (digits == 0) return std::nullopt;
    text.remove_prefix(digits);
    return number;
}

}  // namespace detail

constexpr std::optional<Status> Status::parse(std::string_view text) {
    if (text.size() < 5 || text[1] != '.') return std::nullopt;
    if (text[0] != '2' && text[0] != '4' && text[0] != '5') return std::nullopt;
    Status status;
    status.class_ = static_cast<Class>(text[0] - '0');
    text.remove_prefix(2);
    const auto subject = detail::takeNumber(text);
    if (!subject || !text.starts_with('.')) return std::nullopt;
    text.remove_prefix(1);
    const auto detail = detail::takeNumber(text);
    if (!detail || !text.empty()) return std::nullopt;
    status.subject_ = *subject;
    status.detail_ = *detail;
    return status;
}

}  // namespace postseal::record
