#include "discover/alliance_news.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

namespace postseal::discover {
namespace {

using policy::AllianceMember;
using Members = std::map<std::string, const AllianceMember*>;

Members membersOf(const policy::Alliance& list) {
    Members members;
    for (const auto& member : list.members)
        for (const auto& domain : member.domains)
            members.emplace(domain, &member);
    return members;
}

std::string changeOf(const AllianceMember& before, const AllianceMember& after) {
    std::vector<std::string> words;
    const auto word = [&](const char* what, std::string_view was, std::string_view is) {
        if (was != is) words.push_back(fmt::format("{} {} instead of {}", what, is, was));
    };
    word("to", toText(before.to), toText(after.to));
    word("from", toText(before.from), toText(after.from));
    word("mode", toText(before.mode), toText(after.mode));
    if (before.anchors != after.anchors) words.emplace_back("other trust anchors");
    if (before.mx != after.mx) words.emplace_back("other mail hosts");
    if (before.clients != after.clients) words.emplace_back("other clients");
    return fmt::format("{}", fmt::join(words, ", "));
}

std::string some(const std::vector<std::string>& domains, const char* did) {
    constexpr std::size_t most = 5;
    const auto shown = std::min(domains.size(), most);
    return fmt::format("{} {} {} ({}{})", domains.size(), domains.size() == 1 ? "domain" : "domains", did,
                       fmt::join(domains.begin(), domains.begin() + static_cast<std::ptrdiff_t>(shown), ", "),
                       shown < domains.size() ? ", ..." : "");
}

}  // namespace

AllianceDiff diffOf(const policy::Alliance& before, const policy::Alliance& after) {
    AllianceDiff diff;
    const auto old = membersOf(before), now = membersOf(after);
    for (const auto& [domain, member] : now) {
        const auto known = old.find(domain);
        if (known == old.end()) {
            diff.joined.push_back(domain);
            continue;
        }
        if (auto words = changeOf(*known->second, *member); !words.empty())
            diff.changed.push_back({domain, std::move(words)});
    }
    for (const auto& [domain, member] : old)
        if (!now.contains(domain)) diff.gone.push_back(domain);
    return diff;
}

std::string inWords(const AllianceDiff& diff) {
    if (diff.empty()) return "no member changed";
    std::vector<std::string> parts;
    if (!diff.joined.empty()) parts.push_back(some(diff.joined, "came"));
    if (!diff.gone.empty()) parts.push_back(some(diff.gone, "left"));
    std::vector<std::string> changed;
    changed.reserve(diff.changed.size());
    for (const auto& one : diff.changed)
        changed.push_back(one.domain);
    if (!changed.empty()) parts.push_back(some(changed, "changed"));
    return fmt::format("{}", fmt::join(parts, ", "));
}

AllianceRenewal renewalOf(const KeptAlliance& kept, const base::Result<std::string, std::string>& text,
                          base::Timestamp now) {
    if (!text) return {.trouble = text.error()};
    const auto opened = openAlliance(*text, kept.keys);
    if (!opened) return {.trouble = opened.error()};
    const auto newness = newnessOf(kept, *opened, now);
    if (!newness) return {.trouble = newness.error()};
    if (*newness == Newness::same) return {};
    const auto before = openAlliance(kept.envelope, kept.keys);
    const auto news =
        before ? inWords(diffOf(before->list, opened->list)) : std::string("the old one is lost");
    return {.kept = renewed(kept, *opened, *text), .news = news};
}

std::string endInWords(const policy::Alliance& list, policy::AfterEnd afterEnd, const std::string& source,
                       base::Timestamp now) {
    const auto day = base::toRfc3339(list.expires).substr(0, 10);
    const auto then = afterEnd == policy::AfterEnd::wait ? "mail to its members waits" : "its demands stay";
    if (now >= list.expires)
        return fmt::format("the list of the alliance {} ended on {}, and no newer one came from {}: {}",
                           list.name, day, source, then);
    const auto days = std::chrono::floor<std::chrono::days>(list.expires - now).count();
    return fmt::format("the list of the alliance {} ends on {}, in {} days, and no newer one came from {}; "
                       "after that {}",
                       list.name, day, days, source, then);
}

}  // namespace postseal::discover
