#include "base/domain_name.hpp"

#include "base/ascii.hpp"

#include <idn2.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

namespace postseal::base {
namespace {

constexpr std::size_t longestName = 253;  // RFC 1035 §2.3.4, without the root's dot
constexpr std::size_t longestLabel = 63;
constexpr std::size_t longestInput = 1024;  // U-labels before conversion

struct FreeText {
    void operator()(char* text) const { std::free(text); }
};
using Idn2Text = std::unique_ptr<char, FreeText>;

Result<std::string, std::string> toALabels(std::string_view text) {
    const std::string input(text);
    char* converted = nullptr;
    // Never IDN2_USE_STD3_ASCII_RULES, which silently drops underscores.
    const int status = idn2_to_ascii_8z(input.c_str(), &converted, IDN2_NONTRANSITIONAL);
    const Idn2Text owner(converted);
    if (status != IDN2_OK) return fail(std::string("is no internationalized name: ") + idn2_strerror(status));
    return std::string(converted);
}

std::string_view labelFault(std::string_view label) {
    if (label.empty()) return "has an empty label";
    if (label.size() > longestLabel) return "has a label of more than 63 characters";
    if (label.front() == '-' || label.back() == '-') return "has a label that begins or ends with '-'";
    const bool plain = std::ranges::all_of(label, [](char c) { return isAlnum(c) || c == '-' || c == '_'; });
    return plain ? std::string_view() : "has a character that no domain name has";
}

}  // namespace

Result<DomainName, std::string> DomainName::parse(std::string_view text) {
    if (text.ends_with('.')) text.remove_suffix(1);
    if (text.empty()) return fail(std::string("is empty"));
    if (text.size() > longestInput) return fail(std::string("is longer than 253 characters"));

    std::string name;
    if (std::ranges::any_of(text, is8bit)) {
        auto converted = toALabels(text);
        if (!converted) return fail(converted.error());
        name = toLower(*converted);
    } else {
        name = toLower(text);
    }
    if (name.size() > longestName) return fail(std::string("is longer than 253 characters"));
    for (std::size_t begin = 0; begin <= name.size();) {
        const auto end = std::min(name.find('.', begin), name.size());
        if (const auto fault = labelFault(std::string_view(name).substr(begin, end - begin)); !fault.empty())
            return fail(std::string(fault));
        begin = end + 1;
    }
    return DomainName(std::move(name));
}

std::string_view DomainName::parent() const {
    const auto dot = text_.find('.');
    return dot == std::string::npos ? std::string_view() : std::string_view(text_).substr(dot + 1);
}

bool DomainName::isWithin(const DomainName& ancestor) const {
    if (text_ == ancestor.text_) return true;
    return text_.size() > ancestor.text_.size() && text_.ends_with(ancestor.text_) &&
           text_[text_.size() - ancestor.text_.size() - 1] == '.';
}

std::string DomainName::forPeople() const {
    if (text_.find("xn--") == std::string::npos) return text_;
    char* converted = nullptr;
    const int status = idn2_to_unicode_8z8z(text_.c_str(), &converted, 0);
    const Idn2Text owner(converted);
    return status == IDN2_OK ? std::string(converted) : text_;
}

}  // namespace postseal::base
