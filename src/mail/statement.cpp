#include "mail/statement.hpp"

#include "base/ascii.hpp"
#include "mail/fold.hpp"

#include <algorithm>

namespace postseal::mail {
namespace {

constexpr std::size_t longestValue = 256;

/// RFC 2045 §5.1: what needs no quotes.
bool isToken(std::string_view text) {
    constexpr std::string_view specials = "()<>@,;:\\\"/[]?=";
    return !text.empty() && std::ranges::all_of(text, [&](char c) {
        return base::isPrintable(c) && c != ' ' && specials.find(c) == std::string_view::npos;
    });
}

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += base::isPrintable(c) ? c : '?';
    }
    return out + '"';
}

class Writer {
public:
    explicit Writer(const Statement& statement) : field_(std::string(statementField) + ':') {
        field_.word(statement.id);
    }
    /// Left out where it is empty.
    Writer& value(std::string_view name, std::string_view text) {
        if (text.empty()) return *this;
        const auto bounded = text.substr(0, longestValue);
        field_.glue(";").word(std::string(name) + '=' +
                              (isToken(bounded) ? std::string(bounded) : quoted(bounded)));
        return *this;
    }
    /// A word for people, from a closed list or escaped by its maker.
    Writer& comment(std::string_view text) {
        field_.word('(' + std::string(text) + ')');
        return *this;
    }
    std::string take() { return field_.take(); }

private:
    Folded field_;
};

std::string commentOf(const record::Origin& origin) {
    auto text = record::toText(origin);
    std::erase_if(text, [](char c) {
        return !base::isAlnum(c) && std::string_view(":.-_").find(c) == std::string_view::npos;
    });
    return text.substr(0, longestValue);
}

}  // namespace

std::string toField(const Statement& statement) {
    const auto& record = statement.record;
    Writer field(statement);
    field.value("hop", std::to_string(statement.hop));
    field.value("assurance", record.assurance ? toText(*record.assurance) : std::string_view());
    if (record.tls) {
        const auto& tls = *record.tls;
        if (tls.authenticatedBy != record::Proof::none) field.value("by", toText(tls.authenticatedBy));
        if (!statement.isHidden) field.value("name", tls.name);
    }
    field.value("from", statement.from);
    if (statement.aligned) field.value("aligned", *statement.aligned == Aligned::yes ? "yes" : "no");
    if (record.tls)
        field.value("protocol", record.tls->protocol)
            .value("cipher", record.tls->cipher)
            .value("group", record.tls->group);
    if (record.requirement)
        field.value("requirement", toText(record.requirement->level))
            .comment(commentOf(record.requirement->origin));
    return field.take();
}

}  // namespace postseal::mail
