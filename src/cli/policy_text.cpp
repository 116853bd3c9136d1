#include "cli/policy_text.hpp"

#include "base/ascii.hpp"
#include "cli/queue_text.hpp"
#include "record/json_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace postseal::cli {
namespace {

using discover::KeptException;
using discover::RememberedDomain;
using record::Assurance;
using record::JsonText;

constexpr std::size_t longestWords = 400;

std::string forPeople(const KeptException& kept, base::Timestamp now) {
    const auto& one = kept.exception;
    std::string what;
    if (one.level) what += fmt::format(" level={}", record::toText(*one.level));
    if (one.requireTls) what += fmt::format(" requiretls={}", toText(*one.requireTls));
    auto text = fmt::format("{}{}\n    ", one.domain, what);
    if (one.holds(now))
        text += fmt::format("until {} ({})", policy::dayOrTime(one.until), relative(one.until, now));
    else
        text += fmt::format("ended {}{}", relative(one.until, now),
                            kept.endedBy.empty() ? "" : " by " + base::escaped(kept.endedBy, 80));
    return text + fmt::format(", by {}: {}\n", base::escaped(one.owner, 80),
                              base::escaped(one.reason, longestWords));
}

void toJson(JsonText& json, const KeptException& kept, base::Timestamp now) {
    const auto& one = kept.exception;
    json.open('{');
    json.member("domain", one.domain).member("state", one.holds(now) ? "holds" : "ended");
    json.key("level").valueOrNull(one.level ? record::toText(*one.level) : "");
    json.key("requiretls").valueOrNull(one.requireTls ? toText(*one.requireTls) : "");
    json.member("until", base::toRfc3339(one.until)).member("made", base::toRfc3339(one.made));
    json.member("owner", one.owner).member("reason", one.reason);
    json.key("ended_by").valueOrNull(kept.endedBy);
    json.close('}');
}

std::string forPeople(const RememberedDomain& known, const policy::MemorySettings& settings,
                      base::Timestamp now) {
    const auto& memory = known.memory;
    const auto experience = policy::experience(memory);
    auto text = known.domain + "\n";
    if (experience)
        text += fmt::format("    {}{}\n", policy::inWords(memory, experience->assurance),
                            memory.host.empty() ? "" : ", at " + base::escaped(memory.host, 300));
    const auto wanted = policy::remembered(memory, settings);
    if (memory.fall() && wanted) {
        const auto& fall = *memory.fall();
        text += fmt::format("    LESS than remembered: it was {}; {} it is {}{}{}\n",
                            policy::inWords(memory, *wanted), "since " + base::toRfc3339(fall.since),
                            record::toText(fall.found), fall.words.empty() ? "" : ": ",
                            base::escaped(fall.words, longestWords));
    } else if (wanted) {
        text += fmt::format("    remembered as {}\n", record::toText(*wanted));
    } else if (experience) {
        text += "    not yet remembered\n";
    }
    if (const auto& accepted = memory.accepted)
        text += fmt::format("    {} {}: {}\n", base::escaped(accepted->by, 80), relative(accepted->at, now),
                            base::escaped(accepted->reason, longestWords));
    return text;
}

void toJson(JsonText& json, const RememberedDomain& known, const policy::MemorySettings& settings) {
    const auto& memory = known.memory;
    const auto experience = policy::experience(memory);
    const auto wanted = policy::remembered(memory, settings);
    const auto claim = policy::memoryClaim(memory, settings);
    json.open('{');
    json.member("domain", known.domain);
    json.key("remembered").valueOrNull(wanted ? record::toText(*wanted) : "");
    const bool demands = claim && record::classOf(claim->level) > record::LevelClass::may;
    json.key("demands").valueOrNull(demands ? record::toText(claim->level) : "");
    json.key("experience");
    if (experience) {
        json.open('{');
        json.member("assurance", record::toText(experience->assurance));
        json.member("since", base::toRfc3339(experience->since)).member("count", experience->deliveries);
        json.close('}');
    } else {
        json.null();
    }
    json.member("authenticated", memory.of(Assurance::authenticated).deliveries);
    json.member("encrypted", memory.of(Assurance::encrypted).deliveries);
    json.member("deliveries", memory.of(Assurance::cleartext).deliveries);
    json.member("proof", record::toText(memory.proof)).member("host", memory.host);
    json.key("fall");
    if (const auto& fall = memory.fall()) {
        json.open('{');
        json.member("found", record::toText(fall->found)).member("since", base::toRfc3339(fall->since));
        json.member("seconds", fall->time.count()).member("reason", fall->words);
        json.close('}');
    } else {
        json.null();
    }
    json.key("accepted");
    if (const auto& accepted = memory.accepted) {
        json.open('{');
        json.member("by", accepted->by).member("at", base::toRfc3339(accepted->at));
        json.member("reason", accepted->reason);
        json.close('}');
    } else {
        json.null();
    }
    json.close('}');
}

template <class Values, class One>
std::string listOf(const Values& values, const One& one) {
    JsonText json;
    json.open('[');
    for (const auto& value : values)
        one(json, value);
    json.close(']');
    return json.take();
}

}  // namespace

std::string forPeople(const std::vector<KeptException>& exceptions, base::Timestamp now) {
    if (exceptions.empty()) return "There is no exception.\n";
    std::string text;
    for (const auto& kept : exceptions)
        text += forPeople(kept, now);
    return text;
}

std::string toJson(const std::vector<KeptException>& exceptions, base::Timestamp now) {
    return listOf(exceptions, [now](JsonText& json, const KeptException& kept) { toJson(json, kept, now); });
}

std::string forPeople(const std::vector<RememberedDomain>& domains, const policy::MemorySettings& settings,
                      base::Timestamp now) {
    std::string text;
    for (const auto& known : domains)
        text += forPeople(known, settings, now);
    return text;
}

std::string toJson(const std::vector<RememberedDomain>& domains, const policy::MemorySettings& settings) {
    return listOf(domains,
                  [&](JsonText& json, const RememberedDomain& known) { toJson(json, known, settings); });
}

std::string forPeople(const std::vector<SuggestedEntry>& entries) {
    std::string text;
    for (const auto& [domain, suggestion] : entries)
        text += fmt::format("# {}\n{}\n", suggestion.comment, suggestion.entry);
    return text;
}

std::string toJson(const std::vector<SuggestedEntry>& entries) {
    return listOf(entries, [](JsonText& json, const SuggestedEntry& entry) {
        json.open('{');
        json.member("domain", entry.domain).member("entry", entry.suggestion.entry);
        json.member("detail", entry.suggestion.comment);
        json.close('}');
    });
}

}  // namespace postseal::cli
