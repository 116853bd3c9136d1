#include "policy/forecast.hpp"

#include "base/ascii.hpp"
#include "policy/explain.hpp"
#include "policy/forecast_words.hpp"

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
const ForecastWords& words = englishForecastWords;

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

/// A delivery goes on with the next address where this is not so.
bool isUsable(const Tried& tried, Verdict promise) {
    return tried.isReached && (promise == Verdict::open || tried.isMet);
}

std::string said(const Tried& tried) {
    return base::escaped(tried.words, longestReason);
}

/// Of a host that may be spoken to in clear text and answered.
std::string whatItTook(const std::vector<Tried>& tried) {
    const auto inClear = std::ranges::find_if(
        tried, [](const Tried& one) { return one.isReached && !(one.assurance > Assurance::cleartext); });
    if (inClear == tried.end()) return filled(words.tookTls);
    return inClear->words.empty() ? filled(words.offersNoTls) : filled(words.tookNoTls, said(*inClear));
}

HostForecast of(const HostOutlook& host) {
    if (host.failure) return {Verdict::waits, host.failure->words};
    const auto promise = promiseOf(host.requirement);
    const auto& tried = host.tried;
    if (tried.empty())
        return {promise,
                promise == Verdict::open ? filled(words.nothingDemanded) : demanded(host.requirement)};
    const auto isLost = [&](const Tried& one) { return !isUsable(one, promise); };
    const auto lost = std::ranges::count_if(tried, isLost);
    const auto firstLost = std::ranges::find_if(tried, isLost);
    if (lost == std::ssize(tried)) {
        const auto reached = std::ranges::find_if(tried, &Tried::isReached);
        return {Verdict::waits, said(reached == tried.end() ? *firstLost : *reached)};
    }
    auto reason = promise == Verdict::open ? whatItTook(tried) : demanded(host.requirement);
    if (lost > 0) reason = filled(words.notAll, reason, lost, tried.size(), said(*firstLost));
    return {promise, std::move(reason)};
}

/// Each address that answered took TLS.
bool tookTls(const HostOutlook& host) {
    const auto isInClear = [](const Tried& one) {
        return one.isReached && !(one.assurance > Assurance::cleartext);
    };
    return std::ranges::any_of(host.tried, &Tried::isReached) && std::ranges::none_of(host.tried, isInClear);
}

/// No mail ever goes there: it has no address, for good, or policy bars it.
bool isNeverUsed(const HostOutlook& host) {
    return host.isBarred || (host.failure && host.failure->kind == dns::Failure::Kind::permanent);
}

/// Of all hosts that a delivery may come to, now or later; `open` where there is none.
Verdict promiseOver(const Outlook& outlook) {
    if (outlook.hosts.empty()) return Verdict::open;
    const bool isNoneUsed = std::ranges::all_of(outlook.hosts, isNeverUsed);
    auto least = outlook.smarthost.empty() ? Verdict::sealed : Verdict::encrypted;
    for (const auto& host : outlook.hosts)
        if (isNoneUsed || !isNeverUsed(host))
            least = std::max(least, promiseOf(host.requirement));  // in the order of the enumeration
    return least;
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
        if (!host.tried.empty()) ++count.tried;
        if (tookTls(host)) ++count.tookTls;
        if (!isNeverUsed(host)) addOnce(count.by, who(host.requirement.origin));
        if (isUsed(hosts[i].verdict)) {
            ++count.used;
            continue;
        }
        if (count.firstReason.empty()) count.firstReason = hosts[i].reason;
        count.unused.push_back(fmt::format("{} ({})", host.name, hosts[i].reason));
    }
    return count;
}

Verdict verdictOf(const Outlook& outlook, const std::vector<HostForecast>& hosts, Verdict promise) {
    if (outlook.failure)
        return outlook.failure->kind == dns::Failure::Kind::permanent ? Verdict::returns : Verdict::waits;
    const bool isAnyUsed = std::ranges::any_of(hosts, isUsed, &HostForecast::verdict);
    return isAnyUsed ? promise : Verdict::waits;
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
    const auto promise = promiseOver(outlook);
    result.verdict = verdictOf(outlook, result.hosts, promise);
    result.isPromised = promise != Verdict::open;

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

bool isWeaker(const Forecast& one, const Forecast& other) {
    const auto rank = [](const Forecast& forecast) {
        return std::pair(forecast.verdict == Verdict::open, forecast.verdict);
    };
    return rank(one) > rank(other);
}

Forecast weakestOf(std::string_view asked, const std::vector<Forecast>& legs) {
    const auto& weakest = *std::ranges::min_element(legs, isWeaker);
    Forecast result{weakest.verdict, std::ranges::all_of(legs, &Forecast::isPromised), weakest.sentence, {}};
    if (legs.size() > 1)
        result.sentence = filled(words.severalWays, base::escaped(asked, 320), legs.size(), weakest.sentence);
    return result;
}

std::string promiseText(const Forecast& forecast) {
    switch (forecast.verdict) {
    case Verdict::sealed:
    case Verdict::encrypted: return filled(words.orNotSent, toText(forecast.verdict));
    case Verdict::open: return filled(words.noPromise);
    case Verdict::waits: return filled(forecast.isPromised ? words.neverLess : words.laterOpen);
    case Verdict::returns: return filled(words.nothingSent);
    }
    return {};
}

std::string experienceText(std::optional<Assurance> least, std::size_t reached, std::size_t all) {
    return least ? filled(words.experience, toText(*least), reached, all) : filled(words.unreached);
}

}  // namespace postseal::policy
