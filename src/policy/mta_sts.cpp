#include "policy/mta_sts.hpp"

#include "base/ascii.hpp"
#include "base/in_quotes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace postseal::policy {
namespace {

using base::fail;
using base::inQuotes;
using base::Result;

constexpr std::string_view version = "STSv1";
constexpr std::size_t longestKey = 32;
constexpr std::size_t longestId = 32;
constexpr std::size_t mostDigits = 10;  // of max_age

std::string_view withoutBlanks(std::string_view text) {
    while (!text.empty() && base::isBlank(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && base::isBlank(text.back()))
        text.remove_suffix(1);
    return text;
}

/// sts-ext-name: the form of every key.
bool isKey(std::string_view word) {
    return !word.empty() && word.size() <= longestKey && base::isAlnum(word.front()) &&
           std::ranges::all_of(word,
                               [](char c) { return base::isAlnum(c) || c == '_' || c == '-' || c == '.'; });
}

bool isTxtValue(std::string_view value) {
    return !value.empty() && std::ranges::all_of(value, [](char c) {
        return base::isPrintable(c) && c != ' ' && c != ';' && c != '=';
    });
}

bool isId(std::string_view value) {
    return !value.empty() && value.size() <= longestId && std::ranges::all_of(value, base::isAlnum);
}

/// Somebody thought that this announces a policy: it begins with `v=STSv` but for blanks, quotes and case.
bool wasMeant(std::string_view record) {
    constexpr std::string_view begin = "v=stsv";
    std::size_t known = 0;
    for (const char c : record) {
        if (base::isBlank(c) || c == '"') continue;
        if (known == begin.size() || base::toLower(c) != begin[known]) break;
        ++known;
    }
    return known == begin.size();
}

/// The id of a record's fields, which follow `v=STSv1;` (RFC 8461 §3.1); the error says what is wrong.
Result<std::string, std::string> readFields(std::string_view fields) {
    std::optional<std::string> id;
    while (!fields.empty()) {
        const auto end = std::min(fields.find(';'), fields.size());
        const bool isLast = end == fields.size();
        // A delimiter may have blanks on both sides; behind the last field there is no delimiter.
        auto field = fields.substr(0, end);
        while (!field.empty() && base::isBlank(field.front()))
            field.remove_prefix(1);
        if (!isLast) field = withoutBlanks(field);
        fields.remove_prefix(isLast ? end : end + 1);
        if (isLast && field.empty()) break;
        const auto equals = std::min(field.find('='), field.size());
        const auto key = field.substr(0, equals);
        const auto value = field.substr(std::min(equals + 1, field.size()));
        if (!isKey(key) || !isTxtValue(value)) return fail(inQuotes(field) + " is no field");
        if (key != "id" || id) continue;  // the first of duplicates counts
        if (!isId(value)) return fail(inQuotes(field) + " is no id of 1 to 32 letters and digits");
        id = value;
    }
    if (!id) return fail(std::string("it has no id"));
    return *id;
}

struct Draft {
    bool hasVersion = false;
    std::optional<StsMode> mode;
    std::optional<std::chrono::seconds> maxAge;
    std::vector<MxPattern> patterns;
};

/// How the reading of a value ends: empty is well, else what was expected.
using Fault = std::string;

Fault readVersion(Draft& draft, std::string_view value) {
    if (std::exchange(draft.hasVersion, true)) return {};
    return value == version ? Fault() : "the version " + inQuotes(value) + " is not STSv1";
}

Fault readMode(Draft& draft, std::string_view value) {
    if (draft.mode) return {};
    for (const auto mode : {StsMode::none, StsMode::testing, StsMode::enforce})
        if (value == toText(mode)) draft.mode = mode;
    return draft.mode ? Fault() : "the mode " + inQuotes(value) + " is not enforce, testing or none";
}

Fault readMaxAge(Draft& draft, std::string_view value) {
    if (draft.maxAge) return {};
    if (value.empty() || value.size() > mostDigits || !std::ranges::all_of(value, base::isDigit))
        return "the max_age " + inQuotes(value) + " is no number of seconds";
    std::chrono::seconds age{0};
    for (const char digit : value)
        age = age * 10 + std::chrono::seconds(digit - '0');
    draft.maxAge = std::min(age, MtaStsPolicy::longestAge);
    return {};
}

Fault readMx(Draft& draft, std::string_view value) {
    auto pattern = MxPattern::parse(value);
    if (!pattern) return inQuotes(value) + " is no name of an MX host";
    if (draft.patterns.size() == MtaStsPolicy::mostPatterns)
        return fmt::format("it lists more than {} MX hosts", MtaStsPolicy::mostPatterns);
    draft.patterns.push_back(std::move(*pattern));
    return {};
}

struct Field {
    std::string_view key;
    Fault (*read)(Draft& draft, std::string_view value);
};
constexpr std::array<Field, 4> knownFields{
    {{"version", readVersion}, {"mode", readMode}, {"max_age", readMaxAge}, {"mx", readMx}}};

/// One line without its end. Unknown keys are ignored, whatever they say.
Fault readLine(Draft& draft, std::string_view line) {
    if (withoutBlanks(line).empty()) return {};
    if (std::ranges::any_of(line, [](char c) { return base::isControl(c) && c != '\t'; }))
        return "it has a control character";
    const auto colon = line.find(':');
    if (colon == line.npos || !isKey(line.substr(0, colon))) return inQuotes(line) + " is no \"key: value\"";
    const auto known = std::ranges::find(knownFields, line.substr(0, colon), &Field::key);
    return known == knownFields.end() ? Fault() : known->read(draft, withoutBlanks(line.substr(colon + 1)));
}

Result<base::DomainName, std::string> below(std::string_view label, const base::DomainName& domain) {
    return base::DomainName::parse(fmt::format("{}.{}", label, domain.text()));
}

}  // namespace

Result<base::DomainName, std::string> stsRecordName(const base::DomainName& domain) {
    return below("_mta-sts", domain);
}

Result<base::DomainName, std::string> stsPolicyHost(const base::DomainName& domain) {
    return below("mta-sts", domain);
}

TxtFinding parseTxt(std::span<const dns::Text> records) {
    // Others' records of the name don't count; two of ours can't both be right (rule 18).
    constexpr std::string_view begin = "v=STSv1;";
    const dns::Text* only = nullptr;
    const dns::Text* meant = nullptr;
    for (const auto& record : records) {
        if (wasMeant(record.joined)) meant = &record;
        if (!record.joined.starts_with(begin)) continue;
        if (only != nullptr) return {TxtFinding::Kind::none, {}, "there is more than one MTA-STS TXT record"};
        only = &record;
    }
    // The grammar allows blanks before the first delimiter, but the text discards such a record: a MUST.
    if (only == nullptr && meant != nullptr)
        return {TxtFinding::Kind::none,
                {},
                fmt::format("the TXT record {} does not begin with {} and so announces no policy",
                            inQuotes(meant->joined), begin)};
    if (only == nullptr) return {};
    auto id = readFields(std::string_view(only->joined).substr(begin.size()));
    if (!id) return {TxtFinding::Kind::none, {}, "the MTA-STS TXT record is malformed: " + id.error()};
    return {TxtFinding::Kind::id, std::move(*id)};
}

TxtFinding parseTxt(const dns::Answer& answer) {
    switch (answer.status) {
    case dns::Status::failed: return {TxtFinding::Kind::failed, {}, answer.why};
    case dns::Status::noData:
    case dns::Status::noDomain: return {};
    case dns::Status::found: break;
    }
    return parseTxt(answer.all<dns::Text>());
}

std::string_view toText(StsMode mode) {
    switch (mode) {
    case StsMode::none: return "none";
    case StsMode::testing: return "testing";
    case StsMode::enforce: return "enforce";
    }
    return {};
}

Result<MtaStsPolicy, std::string> parsePolicy(std::string_view text) {
    if (text.size() > MtaStsPolicy::longestText) return fail(std::string("it is larger than 64 KiB"));
    Draft draft;
    std::size_t number = 0;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        auto line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.ends_with('\r')) line.remove_suffix(1);
        ++number;
        if (const auto fault = readLine(draft, line); !fault.empty())
            return fail(fmt::format("line {}: {}", number, fault));
    }
    if (!draft.hasVersion) return fail(std::string("it names no version"));
    if (!draft.mode) return fail(std::string("it names no mode"));
    if (!draft.maxAge) return fail(std::string("it names no max_age"));
    if (draft.patterns.empty() && *draft.mode != StsMode::none)
        return fail(std::string("it lists no MX host"));
    return MtaStsPolicy{*draft.mode, *draft.maxAge, std::move(draft.patterns)};
}

std::string toText(const MtaStsPolicy& policy) {
    auto text = fmt::format("version: {}\nmode: {}\n", version, toText(policy.mode));
    for (const auto& pattern : policy.patterns)
        text += fmt::format("mx: {}\n", toText(pattern));
    return text + fmt::format("max_age: {}\n", policy.maxAge.count());
}

bool lists(const MtaStsPolicy& policy, std::string_view mxHost) {
    return anyMatches(policy.patterns, mxHost);
}

Claim mtaStsClaim(const MtaStsPolicy& policy, std::string_view id) {
    Claim claim{.origin = {record::Origin::Kind::mtaSts},
                .detail = fmt::format("MTA-STS policy {}, mode {}", id, toText(policy.mode))};
    if (policy.mode != StsMode::enforce) return claim;
    claim.level = record::Level::secure;
    claim.conditions = {record::NamesCondition{.patterns = {{record::NamePattern::Kind::hostname}},
                                               .by = record::Proof::mtaSts}};
    return claim;
}

}  // namespace postseal::policy
