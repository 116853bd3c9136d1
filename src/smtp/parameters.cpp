#include "smtp/parameters.hpp"

#include "base/ascii.hpp"
#include "smtp/dsn_parameters.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <span>
#include <utility>

namespace postseal::smtp {
namespace {

using Taken = base::Result<void, Reply>;

Reply syntax(std::string_view form) {
    return {501, "5.5.4", "Syntax: " + std::string(form)};
}

// Keeps a value, or passes its error on.
template <class T, class To = T>
Taken keep(base::Result<T, Reply> value, To& into) {
    if (!value) return base::fail(std::move(value.error()));
    into = std::move(*value);
    return {};
}

base::Result<std::uint64_t, Reply> parseSize(std::string_view text) {
    constexpr std::size_t mostDigits = 20;  // RFC 1870 §5
    if (text.empty() || text.size() > mostDigits || !std::ranges::all_of(text, base::isDigit))
        return base::fail(syntax("SIZE=octets"));
    std::uint64_t bytes = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), bytes);
    return parsed.ec == std::errc() ? bytes : std::numeric_limits<std::uint64_t>::max();
}

base::Result<record::BodyType, Reply> parseBody(std::string_view text) {
    if (base::sameWord(text, "7BIT")) return record::BodyType::sevenBit;
    if (base::sameWord(text, "8BITMIME")) return record::BodyType::eightBitMime;
    return base::fail(syntax("BODY=7BIT or BODY=8BITMIME"));
}

enum class Value { none, required };
enum class Of { all, dsn };  // whom a keyword is offered to
/// One keyword, and what it does to an Envelope or to a Recipient.
template <class Target>
struct Keyword {
    std::string_view word;
    Value value;
    Taken (*take)(Target& target, std::string_view value);
    Of of = Of::all;
};

constexpr Keyword<record::Envelope> mailKeywords[] = {
    {"SIZE", Value::required,
     [](record::Envelope& e, std::string_view v) { return keep(parseSize(v), e.declaredBytes); }},
    {"BODY", Value::required,
     [](record::Envelope& e, std::string_view v) { return keep(parseBody(v), e.body); }},
    {"SMTPUTF8", Value::none,
     [](record::Envelope& e, std::string_view) {
         e.smtpUtf8 = true;
         return Taken();
     }},
    {"REQUIRETLS", Value::none,
     [](record::Envelope& e, std::string_view) {
         e.requireTls = record::RequireTls::must;
         return Taken();
     }},
    {"RET", Value::required,
     [](record::Envelope& e, std::string_view v) { return keep(parseReturned(v), e.returned); }, Of::dsn},
    {"ENVID", Value::required,
     [](record::Envelope& e, std::string_view v) { return keep(parseEnvelopeId(v), e.id); }, Of::dsn},
};

struct RcptTarget {
    record::Recipient& recipient;
    record::Utf8 utf8;
};
constexpr Keyword<RcptTarget> rcptKeywords[] = {
    {"NOTIFY", Value::required,
     [](RcptTarget& t, std::string_view v) { return keep(parseNotify(v), t.recipient.notify); }, Of::dsn},
    {"ORCPT", Value::required,
     [](RcptTarget& t, std::string_view v) {
         return keep(parseOriginalRecipient(v, t.utf8), t.recipient.original);
     },
     Of::dsn},
};

template <class Target>
Taken takeOne(std::span<const Keyword<Target>> keywords, std::string_view text, Parameters parameters,
              unsigned& seen, Target& target) {
    const auto word = text.substr(0, text.find('='));
    const bool hasValue = word.size() < text.size();
    const auto known = std::ranges::find_if(
        keywords, [&](std::string_view each) { return base::sameWord(each, word); }, &Keyword<Target>::word);
    const auto name = base::escaped(word, quotedBytes);
    if (known == keywords.end()) return base::fail(Reply{555, "5.5.4", name + ": parameter not supported"});
    // Not ignored: who orders a report would wait for it in vain (Postfix refuses, too).
    if (known->of == Of::dsn && parameters == Parameters::withoutDsn)
        return base::fail(Reply{555, "5.5.4", name + " is not offered to you"});
    const auto bit = 1U << static_cast<unsigned>(known - keywords.begin());
    if ((std::exchange(seen, seen | bit) & bit) != 0)
        return base::fail(Reply{501, "5.5.4", name + " is given twice"});
    if (hasValue != (known->value == Value::required))
        return base::fail(Reply{501, "5.5.4", name + (hasValue ? " takes no value" : " needs a value")});
    auto taken = known->take(target, hasValue ? text.substr(word.size() + 1) : std::string_view());
    if (!taken) taken.error().text += "; not " + base::escaped(text, quotedBytes);
    return taken;
}

template <class Target>
Taken takeAll(std::span<const Keyword<Target>> keywords, std::string_view rest, Parameters parameters,
              Target& target) {
    unsigned seen = 0;
    while (!rest.empty()) {
        rest.remove_prefix(1);  // a space
        const auto text = rest.substr(0, rest.find(' '));
        rest.remove_prefix(text.size());
        if (text.empty()) continue;
        if (parameters == Parameters::refused)
            return base::fail(Reply{555, "5.5.4", "Parameters need EHLO in place of HELO"});
        if (auto taken = takeOne(keywords, text, parameters, seen, target); !taken) return taken;
    }
    return {};
}

}  // namespace

Taken takeMailParameters(std::string_view rest, Parameters parameters, record::Envelope& envelope) {
    return takeAll(std::span<const Keyword<record::Envelope>>(mailKeywords), rest, parameters, envelope);
}

Taken takeRcptParameters(std::string_view rest, const RcptRules& rules, record::Recipient& recipient) {
    RcptTarget target{recipient, rules.utf8};
    return takeAll(std::span<const Keyword<RcptTarget>>(rcptKeywords), rest, rules.parameters, target);
}

}  // namespace postseal::smtp
