#include "policy/explain_verdict.hpp"

#include "base/ascii.hpp"
#include "policy/explain.hpp"
#include "policy/explain_verdict_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <variant>

namespace postseal::policy {
namespace {

using record::Assurance;
using record::LevelClass;
using record::Origin;
using record::Requirement;
using record::Sentence;

constexpr std::array<std::string_view, 5> verdictNames{"sealed", "encrypted", "open", "waits", "returns"};
constexpr std::size_t longestReason = 500;
const VerdictWords& words = englishVerdictWords;

template <class... Values>
std::string filled(const Sentence& sentence, const Values&... values) {
    return fmt::format(fmt::runtime(sentence.text()), values...);
}

bool isUsed(Verdict verdict) {
    return verdict != Verdict::waits && verdict != Verdict::returns;
}

/// What holds on the hop, or the hop is not made.
Verdict promiseOf(const Requirement& requirement) {
    if (permitsCleartext(requirement)) return Verdict::open;
    const bool isProven = std::ranges::any_of(requirement.allOf, [](const record::Condition& condition) {
        return std::visit([](const auto& c) { return c.proves == Assurance::authenticated; }, condition);
    });
    const bool isDemanded = classOf(requirement) == LevelClass::authenticated;
    return isDemanded && isProven ? Verdict::sealed : Verdict::encrypted;
}

HostForecast of(const HostOutlook& host) {
    if (host.failure) return {Verdict::waits, host.failure->words};
    const auto promise = promiseOf(host.requirement);
    if (!host.tried)
        return {promise,
                promise == Verdict::open ? filled(words.nothingDemanded) : demanded(host.requirement)};
    const auto said = base::escaped(host.tried->words, longestReason);
    if (!host.tried->isReached) return {Verdict::waits, said};
    if (promise == Verdict::open)
        return {promise, host.tried->assurance > Assurance::cleartext ? filled(words.tookTls)
                                                                      : filled(words.tookNoTls, said)};
    if (!host.tried->isMet) return {Verdict::waits, said};
    return {promise, demanded(host.requirement)};
}

std::string who(const Origin& origin) {
    switch (origin.kind) {
    case Origin::Kind::map: return filled(words.byMap);
    case Origin::Kind::exception: return filled(words.byException);
    case Origin::Kind::alliance: return filled(words.byAlliance, base::escaped(origin.alliance, 80));
    case Origin::Kind::dane: return filled(words.byDane);
    case Origin::Kind::mtaSts: return filled(words.byMtaSts);
    case Origin::Kind::memory: return filled(words.byMemory);
    case Origin::Kind::requiretls:
    case Origin::Kind::sender:
    case Origin::Kind::tlsrpt: return filled(words.byMessage);
    case Origin::Kind::listener:
    case Origin::Kind::standard: return filled(words.byDefault);
    }
    return {};
}

void addOnce(std::vector<std::string>& list, std::string item) {
    if (std::ranges::find(list, item) == list.end()) list.push_back(std::move(item));
}

/// The hosts of an outlook, counted.
struct Count {
    std::size_t all = 0, used = 0, tried = 0, tookTls = 0;
    std::vector<std::string> by = {}, unused = {};
    std::string firstReason = {};
};

Count countOf(const Outlook& outlook, const std::vector<HostForecast>& hosts) {
    Count count{.all = hosts.size()};
    for (std::size_t i = 0; i < hosts.size(); ++i) {
        const auto& host = outlook.hosts[i];
        if (host.tried) ++count.tried;
        if (host.tried && host.tried->assurance > Assurance::cleartext) ++count.tookTls;
        if (isUsed(hosts[i].verdict)) {
            ++count.used;
            addOnce(count.by, who(host.requirement.origin));
            continue;
        }
        if (count.firstReason.empty()) count.firstReason = hosts[i].reason;
        count.unused.push_back(fmt::format("{} ({})", host.name, hosts[i].reason));
    }
    return count;
}

Verdict weakest(const Outlook& outlook, const std::vector<HostForecast>& hosts) {
    if (outlook.failure && outlook.failure->kind == dns::Failure::Kind::permanent) return Verdict::returns;
    Verdict least = outlook.smarthost.empty() ? Verdict::sealed : Verdict::encrypted;
    bool isAnyUsed = false;
    for (const auto& host : hosts) {
        if (!isUsed(host.verdict)) continue;
        isAnyUsed = true;
        least = std::max(least, host.verdict);  // in the order of the enumeration
    }
    return isAnyUsed && !outlook.failure ? least : Verdict::waits;
}

std::string howMany(Verdict verdict, const Count& count) {
    if (count.tried == 0) return filled(words.notTried, count.used, count.all);
    return filled(verdict == Verdict::sealed ? words.proven : words.encryptedNow, count.used, count.all);
}

std::string sentence(const Outlook& outlook, Verdict verdict, const Count& count) {
    const auto domain = base::escaped(outlook.domain, 255);
    const auto by = fmt::format("{}", fmt::join(count.by, " and "));
    auto why = outlook.failure ? outlook.failure->words : count.firstReason;
    if (why.empty()) why = filled(words.noHost);
    switch (verdict) {
    case Verdict::sealed: return filled(words.sealed, domain, by, howMany(verdict, count));
    case Verdict::encrypted:
        return filled(outlook.smarthost.empty() ? words.encrypted : words.asFarAs, domain, by,
                      howMany(verdict, count), base::escaped(outlook.smarthost, 255));
    case Verdict::open:
        return filled(words.open, domain) +
               (count.tried == 0 ? std::string() : filled(words.openNow, count.tookTls, count.all));
    case Verdict::waits: return filled(words.waits, domain, why);
    case Verdict::returns: return filled(words.returns, domain, why);
    }
    return {};
}

}  // namespace

std::string_view toText(Verdict verdict) {
    return verdictNames[static_cast<std::size_t>(verdict)];
}

Forecast forecast(const Outlook& outlook) {
    Forecast result;
    for (const auto& host : outlook.hosts)
        result.hosts.push_back(of(host));
    result.verdict = weakest(outlook, result.hosts);
    const bool isNeverInClear =
        !outlook.hosts.empty() && std::ranges::none_of(outlook.hosts, [](const HostOutlook& host) {
            return permitsCleartext(host.requirement);
        });
    result.isPromised = isUsed(result.verdict) ? result.verdict != Verdict::open : isNeverInClear;

    const auto count = countOf(outlook, result.hosts);
    result.sentence = sentence(outlook, result.verdict, count);
    if (isUsed(result.verdict) && !count.unused.empty())
        result.sentence += filled(words.unused, fmt::format("{}", fmt::join(count.unused, "; ")));
    return result;
}

Forecast localForecast(std::string_view domain) {
    return {Verdict::sealed, true, filled(words.local, base::escaped(domain, 255)), {}};
}

Forecast refusedForecast(std::string_view asked, std::string_view why) {
    return {Verdict::returns,
            true,
            filled(words.returns, base::escaped(asked, 320), base::escaped(why, longestReason)),
            {}};
}

}  // namespace postseal::policy
