#include "log/line.hpp"

#include "base/ascii.hpp"

#include <algorithm>

namespace postseal::log {
namespace {

constexpr char afterId = '\x1d';     // printed as ':', before a space
constexpr char afterItem = '\x1e';   // printed as ',', before a space
constexpr char besideItem = '\x19';  // printed as nothing, before a space
constexpr char afterName = '\x1f';   // printed as '='
constexpr char beforeNote = '\x1c';  // printed as '(', after a space
constexpr char afterNote = '\x1a';   // printed as ')'

constexpr std::size_t valueLimit = 512;
constexpr std::size_t lineLimit = 4096;

void appendEscaped(std::string& out, std::string_view words) {
    if (out.size() >= lineLimit) return;
    const auto plain = [](char c) { return base::isPrintable(c) && c != '\\'; };
    if (words.size() <= valueLimit && std::ranges::all_of(words, plain))
        out += words;
    else
        out += base::escaped(words, valueLimit);
}

void appendMember(std::string& out, std::string_view name, std::string_view value) {
    if (!out.empty() && out.back() != '{') out += ',';
    appendJsonString(out, name);
    out += ':';
    appendJsonString(out, value);
}

void appendItem(std::string& out, std::string_view item) {
    std::string_view note;
    if (const auto at = item.find(beforeNote); at != item.npos) {
        note = item.substr(at + 1);
        note.remove_suffix(1);
        item = item.substr(0, at - 1);
    }
    if (const auto equals = item.find(afterName); equals != item.npos)
        appendMember(out, item.substr(0, equals), item.substr(equals + 1));
    else if (!item.empty())
        appendMember(out, "message", item);
    if (!note.empty()) appendMember(out, "note", note);
}

}  // namespace

Line::Line(std::string_view queueId) {
    appendEscaped(marked_, queueId);
    marked_ += afterId;
    marked_ += ' ';
}

void Line::beginItem() {
    if (marked_.empty() || (marked_.size() > 1 && marked_[marked_.size() - 2] == afterId)) return;
    marked_ += afterItem;
    marked_ += ' ';
}

Line& Line::field(std::string_view name, std::string_view value) {
    if (marked_.size() >= lineLimit) return *this;
    beginItem();
    marked_ += name;
    marked_ += afterName;
    appendEscaped(marked_, value);
    return *this;
}

Line& Line::fieldBeside(std::string_view name, std::string_view value) {
    if (marked_.size() >= lineLimit) return *this;
    marked_ += besideItem;
    marked_ += ' ';
    marked_ += name;
    marked_ += afterName;
    appendEscaped(marked_, value);
    return *this;
}

Line& Line::field(std::string_view name, std::int64_t value) {
    return field(name, std::to_string(value));
}

Line& Line::note(std::string_view words) {
    if (marked_.size() >= lineLimit) return *this;
    marked_ += ' ';
    marked_ += beforeNote;
    appendEscaped(marked_, words);
    marked_ += afterNote;
    return *this;
}

Line& Line::text(std::string_view words) {
    if (marked_.size() >= lineLimit) return *this;
    beginItem();
    appendEscaped(marked_, words);
    return *this;
}

void appendPostfix(std::string& out, const Line& line) {
    for (const char c : line.marked_) {
        switch (c) {
        case afterId: out += ':'; break;
        case afterItem: out += ','; break;
        case besideItem: break;
        case afterName: out += '='; break;
        case beforeNote: out += '('; break;
        case afterNote: out += ')'; break;
        default: out += c;
        }
    }
}

void appendJson(std::string& out, const Line& line) {
    std::string_view rest = line.marked_;
    if (const auto id = rest.find(afterId); id != rest.npos) {
        appendMember(out, "queue_id", rest.substr(0, id));
        rest.remove_prefix(id + 2);
    }
    constexpr char ends[] = {afterItem, besideItem};
    while (!rest.empty()) {
        const auto end = std::min(rest.find_first_of(std::string_view(ends, 2)), rest.size());
        appendItem(out, rest.substr(0, end));
        rest.remove_prefix(std::min(end + 2, rest.size()));
    }
}

void appendJsonString(std::string& out, std::string_view words) {
    constexpr std::string_view digits = "0123456789abcdef";
    out += '"';
    for (const char c : words) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (base::isControl(c)) {
            out += "\\u00";
            out += digits[static_cast<unsigned char>(c) >> 4];
            out += digits[static_cast<unsigned char>(c) & 15];
        } else {
            out += c;
        }
    }
    out += '"';
}

}  // namespace postseal::log
