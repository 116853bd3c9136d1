// A small writer of JSON text: commas and colons in their places, strings quoted. The caller keeps objects
// and arrays balanced.
#pragma once

#include "record/json.hpp"

#include <concepts>
#include <string>
#include <string_view>

namespace postseal::record {

class JsonText {
public:
    JsonText& key(std::string_view name) {
        separate();
        appendQuoted(name);
        text_ += ':';
        afterKey_ = true;
        return *this;
    }
    void open(char bracket) {
        separate();
        text_ += bracket;
        first_ = true;
    }
    void close(char bracket) {
        text_ += bracket;
        first_ = false;
    }

    void value(std::string_view text) {
        separate();
        appendQuoted(text);
    }
    void value(const std::string& text) { value(std::string_view(text)); }
    void value(const char* text) { value(std::string_view(text)); }
    void value(bool truth) { raw(truth ? "true" : "false"); }
    template <std::integral Number>
    void value(Number number) {
        raw(std::to_string(number));
    }
    void null() { raw("null"); }
    /// The text, or null where it is empty.
    void valueOrNull(std::string_view text) {
        if (text.empty()) return null();
        value(text);
    }
    /// JSON text made elsewhere.
    void raw(std::string_view json) {
        separate();
        text_ += json;
    }

    template <class Value>
    JsonText& member(std::string_view name, const Value& v) {
        key(name).value(v);
        return *this;
    }

    std::string take() { return std::move(text_); }

private:
    void separate() {
        if (!first_ && !afterKey_) text_ += ',';
        first_ = afterKey_ = false;
    }
    void appendQuoted(std::string_view text);

    std::string text_;
    bool first_ = true;
    bool afterKey_ = false;
};

}  // namespace postseal::record
