// A domain name as DNS and policies know it: A-labels in lower case, without a trailing dot, each label 1 to
// 63 bytes, 253 in all. U-labels are converted when a name is parsed (UTS 46, non-transitional). Underscores
// are allowed, since TLSA and MTA-STS names have them; spaces, controls and other signs are not. Made only by
// its parser. Any thread.
#pragma once

#include "base/result.hpp"

#include <compare>
#include <string>
#include <string_view>

namespace postseal::base {

class DomainName {
public:
    /// Takes A-labels, U-labels (UTF-8), any case, one trailing dot. The error is what is wrong with it, for
    /// people.
    static Result<DomainName, std::string> parse(std::string_view text);

    const std::string& text() const { return text_; }
    /// What stands after the first dot; empty for a top-level name.
    std::string_view parent() const;
    /// `this` is `ancestor` or lies below it.
    bool isWithin(const DomainName& ancestor) const;
    /// With U-labels, for people; the A-label form where a label does not convert back.
    std::string forPeople() const;

    auto operator<=>(const DomainName&) const = default;

private:
    explicit DomainName(std::string text) : text_(std::move(text)) {}

    std::string text_;
};

}  // namespace postseal::base
