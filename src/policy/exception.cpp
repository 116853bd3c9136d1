#include "policy/exception.hpp"

#include "base/ascii.hpp"
#include "base/in_quotes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace postseal::policy {
namespace {

using base::inQuotes;
using record::Level;

// Others need what only a map entry has: names, pins, records.
constexpr std::array<std::string_view, 5> levels{"none", "may", "encrypt", "verify", "secure"};
constexpr std::size_t longestReason = 500;
constexpr std::chrono::days longest{366};  // what is to hold for longer is a map entry

/// What is wrong with a word of a closed set.
std::string unknown(std::string_view option, const std::string& word,
                    std::span<const std::string_view> known) {
    const auto nearest = base::nearestWord(word, known);
    return fmt::format("{} {} is unknown{}", option, inQuotes(word),
                       nearest.empty() ? fmt::format(": write {}", fmt::join(known, ", "))
                                       : fmt::format("; did you mean \"{}\"?", nearest));
}

base::Result<Level, std::string> parseExceptionLevel(const std::string& text) {
    const auto level = record::parseLevel(text);
    if (level && std::ranges::find(levels, text) != levels.end()) return *level;
    if (!level) return base::fail(unknown("--level", text, levels));
    return base::fail(
        fmt::format("--level {} needs what an entry of the policy map has; an exception takes {}", text,
                    fmt::join(levels, ", ")));
}

base::Result<RequireTlsMode, std::string> parseMode(const std::string& text) {
    if (const auto mode = parseRequireTlsMode(text)) return *mode;
    std::array<std::string_view, requireTlsModes.size()> names;
    std::ranges::transform(requireTlsModes, names.begin(), [](const auto& word) { return word.first; });
    return base::fail(unknown("--requiretls", text, names));
}

base::Result<base::Timestamp, std::string> parseUntil(const std::string& text, base::Timestamp now) {
    if (text.empty()) return base::fail(std::string("until when? Every exception ends: --until 2027-01-31"));
    const auto until = base::parseRfc3339(text);
    if (!until)
        return base::fail(fmt::format(
            "--until {} is no day and no time; write 2027-01-31 or 2027-01-31T18:00:00Z", inQuotes(text)));
    if (*until <= now)
        return base::fail(
            fmt::format("--until {} is over; a day ends an exception as it begins, at 00:00 UTC", text));
    if (*until > now + longest)
        return base::fail(
            fmt::format("--until {} is more than {} days away; what is to hold for longer belongs into "
                        "the policy map",
                        text, longest.count()));
    return *until;
}

}  // namespace

base::Result<Exception, std::string> parseException(const ExceptionWords& words, std::string owner,
                                                    base::Timestamp now) {
    const auto domain = base::DomainName::parse(words.domain);
    if (!domain) return base::fail(inQuotes(words.domain) + " is no domain: " + domain.error());
    Exception exception{.domain = domain->text(), .owner = std::move(owner), .made = now};
    if (words.level.empty() && words.requireTls.empty())
        return base::fail(std::string("what shall differ? Give --level, --requiretls, or both"));
    if (!words.level.empty()) {
        const auto level = parseExceptionLevel(words.level);
        if (!level) return base::fail(level.error());
        exception.level = *level;
    }
    if (!words.requireTls.empty()) {
        const auto mode = parseMode(words.requireTls);
        if (!mode) return base::fail(mode.error());
        exception.requireTls = *mode;
    }
    const auto until = parseUntil(words.until, now);
    if (!until) return base::fail(until.error());
    exception.until = *until;
    exception.reason = base::trim(words.reason);
    if (exception.reason.empty())
        return base::fail(
            std::string("why? Give --reason \"...\": it stands in every record that is touched"));
    if (exception.reason.size() > longestReason)
        return base::fail(fmt::format("--reason is longer than {} bytes", longestReason));
    return exception;
}

std::optional<Claim> exceptionClaim(const Exception& exception, base::Timestamp now) {
    if (!exception.level || !exception.holds(now)) return std::nullopt;
    return Claim{.origin = {record::Origin::Kind::exception},
                 .level = *exception.level,
                 .conditions = defaultConditions(*exception.level),
                 .until = exception.until,
                 .detail = inWords(exception)};
}

std::optional<RequireTlsRelaxation> requireTlsOf(const Exception& exception, base::Timestamp now) {
    if (!exception.requireTls || !exception.holds(now)) return std::nullopt;
    return RequireTlsRelaxation{
        .mode = *exception.requireTls, .until = exception.until, .reason = inWords(exception)};
}

std::string inWords(const Exception& exception) {
    return fmt::format("{} until {}: {}", base::escaped(exception.owner, 80), dayOrTime(exception.until),
                       base::escaped(exception.reason, longestReason));
}

std::string dayOrTime(base::Timestamp time) {
    auto text = base::toRfc3339(time);
    constexpr std::string_view midnight = "T00:00:00Z";
    if (text.ends_with(midnight)) text.resize(text.size() - midnight.size());
    return text;
}

}  // namespace postseal::policy
