#include "cli/alliance_text.hpp"

#include "base/base64.hpp"
#include "record/json_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace postseal::cli {
namespace {

using policy::AllianceMember;
using policy::MemberMode;
using record::JsonText;

std::string dayOf(base::Timestamp time) {
    return base::toRfc3339(time).substr(0, 10);
}

std::string promise(const AllianceMember& member) {
    return fmt::format("to {}, from {}", toText(member.to), toText(member.from));
}

std::string keyOf(const discover::KeptAlliance& kept) {
    return kept.keys.empty() ? std::string() : base::toBase64(kept.keys.front());
}

std::string memberLine(const ListedAlliance& listed, const AllianceMember& member,
                       const std::string& domain) {
    const auto& joined = *listed.joined;
    const auto own = listed.promises.find(domain);
    const auto mode = modeOf(joined, member, domain);
    auto line = fmt::format("    {:<32} {:<24} {}", domain, promise(member), toText(mode));
    if (own != listed.promises.end())
        line += own->second.empty() ? "  (ours: kept)" : "  (ours, NOT KEPT: " + own->second + ")";
    else if (!joined.isObserved && !joined.accepted.contains(domain))
        line += "  (came later; 'alliance promote' accepts it)";
    else if (member.isBereft)
        line += "  (all its trust anchors are revoked)";
    return line + '\n';
}

std::string forPeople(const ListedAlliance& one, const policy::AllianceSet& set, base::Timestamp now) {
    const auto& kept = one.row->kept;
    auto text = fmt::format("{}, version {}{}\n    from {}\n    key {}\n", kept.name, kept.version,
                            kept.isObserved ? ", only observed" : "", kept.source, keyOf(kept));
    if (one.joined == nullptr) return text + "    IT CAN'T BE READ: " + one.trouble + '\n';
    const auto& list = one.joined->list;
    text += fmt::format("    {} {}\n", now >= list.expires ? "ENDED on" : "until", dayOf(list.expires));
    if (!one.row->look.trouble.empty())
        text += fmt::format("    last look ({}): {}\n", base::toRfc3339(one.row->look.time),
                            one.row->look.trouble);
    for (const auto& member : list.members)
        for (const auto& domain : member.domains)
            text += memberLine(one, member, domain);
    for (const auto& conflict : set.conflicts())
        if (conflict.one == kept.name || conflict.other == kept.name)
            text += fmt::format("    CONFLICT with {} about {}: {}; both must hold\n",
                                conflict.one == kept.name ? conflict.other : conflict.one, conflict.domain,
                                conflict.words);
    return text;
}

void writeMembers(JsonText& json, const ListedAlliance& listed) {
    const auto& joined = *listed.joined;
    for (const auto& member : joined.list.members)
        for (const auto& domain : member.domains) {
            json.open('{');
            json.member("domain", domain).member("to", toText(member.to)).member("from", toText(member.from));
            json.member("mode", toText(modeOf(joined, member, domain)))
                .member("accepted", joined.accepted.contains(domain));
            const auto own = listed.promises.find(domain);
            json.member("ours", own != listed.promises.end());
            json.key("not_kept").valueOrNull(own == listed.promises.end() ? "" : own->second);
            json.close('}');
        }
}

void write(JsonText& json, const ListedAlliance& one, const policy::AllianceSet& set) {
    const auto& kept = one.row->kept;
    json.open('{');
    json.member("alliance", kept.name).member("version", kept.version).member("source", kept.source);
    json.member("key", keyOf(kept));
    json.key("expires").valueOrNull(one.joined == nullptr ? "" : base::toRfc3339(one.joined->list.expires));
    json.member("mode", toText(kept.isObserved ? MemberMode::observe : MemberMode::enforce));
    json.key("trouble").valueOrNull(one.trouble.empty() ? one.row->look.trouble : one.trouble);
    json.key("members").open('[');
    if (one.joined != nullptr) writeMembers(json, one);
    json.close(']');
    json.key("conflicts").open('[');
    for (const auto& conflict : set.conflicts()) {
        if (conflict.one != kept.name && conflict.other != kept.name) continue;
        json.open('{');
        json.member("domain", conflict.domain)
            .member("with", conflict.one == kept.name ? conflict.other : conflict.one)
            .member("words", conflict.words);
        json.close('}');
    }
    json.close(']');
    json.close('}');
}

void writeTexts(JsonText& json, const char* key, const std::vector<std::string>& texts) {
    json.key(key).open('[');
    for (const auto& text : texts)
        json.value(text);
    json.close(']');
}

std::string anchorName(std::size_t index) {
    return fmt::format("root-{}", index + 1);
}

std::string toJson(const DraftMember& member, const Draft& draft) {
    JsonText json;
    json.open('{');
    writeTexts(json, "domains", member.domains);
    writeTexts(json, "mx", member.mx);
    writeTexts(json, "clients", {});
    json.key("anchors").open('[');
    for (std::size_t i = 0; member.isAnchored && i < draft.anchors.size(); ++i)
        json.value(anchorName(i));
    json.close(']');
    json.member("to", member.to).member("from", member.from).member("mode", draft.mode);
    json.close('}');
    return json.take();
}

template <class Items, class Write>
std::string lines(const Items& items, Write write) {
    std::string text;
    for (const auto& item : items)
        text += (text.empty() ? "\n    " : ",\n    ") + write(item);
    return text;
}

}  // namespace

std::string forPeople(const std::vector<ListedAlliance>& lists, const policy::AllianceSet& set,
                      base::Timestamp now) {
    std::string text;
    for (const auto& one : lists)
        text += forPeople(one, set, now);
    return text.empty() ? "No alliance was joined.\n" : text;
}

std::string toJson(const std::vector<ListedAlliance>& lists, const policy::AllianceSet& set) {
    JsonText json;
    json.open('[');
    for (const auto& one : lists)
        write(json, one, set);
    json.close(']');
    return json.take();
}

std::string forPeople(const policy::Alliance& list) {
    auto text = fmt::format("{}, version {}, from {} until {}\n", list.name, list.version, dayOf(list.issued),
                            dayOf(list.expires));
    for (const auto& member : list.members)
        for (const auto& domain : member.domains)
            text += fmt::format("    {:<32} {:<24} {}\n", domain, promise(member), toText(member.mode));
    return text;
}

std::string forPeople(const discover::AllianceDiff& diff) {
    std::string text;
    for (const auto& domain : diff.joined)
        text += "+ " + domain + '\n';
    for (const auto& domain : diff.gone)
        text += "- " + domain + '\n';
    for (const auto& [domain, words] : diff.changed)
        text += fmt::format("~ {}: {}\n", domain, words);
    return text.empty() ? "no member changed\n" : text;
}

std::string toJson(const Draft& draft) {
    std::size_t number = 0;
    const auto anchor = [&](const std::string& pem) {
        JsonText json;
        json.open('{');
        json.member("name", anchorName(number++)).member("certificate", pem);
        json.close('}');
        return json.take();
    };
    return fmt::format(
        "{{\n  \"alliance\": {},\n  \"version\": 1,\n  \"issued\": \"{}\",\n  \"expires\": \"{}\",\n"
        "  \"successor_keys\": [],\n  \"anchors\": [{}],\n  \"members\": [{}]\n}}\n",
        record::quotedJson(draft.name), base::toRfc3339(draft.issued), base::toRfc3339(draft.expires),
        lines(draft.anchors, anchor),
        lines(draft.members, [&](const DraftMember& member) { return toJson(member, draft); }));
}

}  // namespace postseal::cli
