#include "cli/postfix_list.hpp"

#include "app/alliance_source.hpp"
#include "app/load.hpp"
#include "base/ascii.hpp"
#include "base/registrable_domain.hpp"
#include "base/text_file.hpp"

#include <cstdio>
#include <utility>

namespace postseal::cli {
namespace {

using record::Level;
using Kind = record::NamePattern::Kind;

/// The names of an entry as mail hosts: only those that are one host's.
void takeNames(DraftMember& member, const policy::Claim& claim) {
    for (const auto& condition : claim.conditions) {
        const auto* names = std::get_if<record::NamesCondition>(&condition);
        if (names == nullptr) continue;
        for (const auto& pattern : names->patterns)
            if (pattern.kind == Kind::exact) member.mx.push_back(pattern.name);
    }
}

}  // namespace

base::Result<std::vector<DraftMember>, std::string> membersOfPostfix(const std::string& file) {
    const auto text = app::readAllianceSource({}, file);
    if (!text) return base::fail(text.error());
    config::Outbound outbound;
    outbound.policyMap = file;
    const auto map = app::readPolicyMap(outbound);
    if (!map) return base::fail(map.error());
    std::vector<DraftMember> members;
    for (const auto& line : base::logicalLines(*text)) {
        const auto first = base::trim(line.front().text);
        const auto key = std::string(first.substr(0, first.find_first_of(" \t")));
        const bool isBelow = key.starts_with('.');
        const auto hop = record::NextHop::parse(isBelow ? "any" + key : key);
        const auto* entry = hop ? (*map)->find(*hop) : nullptr;
        const auto name = base::DomainName::parse(isBelow ? key.substr(1) : key);
        const bool isMember = entry != nullptr && name && !base::isPublicSuffix(name->text()) &&
                              record::classOf(entry->claim.level) > record::LevelClass::may &&
                              entry->claim.level != Level::fingerprint;
        if (!isMember) {
            std::fprintf(stderr, "postseal: left out: line %zu: %s\n", line.front().number,
                         base::escaped(key, 120).c_str());
            continue;
        }
        DraftMember member{.domains = {(isBelow ? "." : "") + name->text()},
                           .to = std::string(toText(entry->claim.level))};
        takeNames(member, entry->claim);
        members.push_back(std::move(member));
    }
    return members;
}

std::vector<std::string> certificatesIn(std::string_view pem) {
    constexpr std::string_view begin = "-----BEGIN CERTIFICATE-----", end = "-----END CERTIFICATE-----";
    std::vector<std::string> all;
    for (auto from = pem.find(begin); from != pem.npos; from = pem.find(begin, from + 1)) {
        const auto to = pem.find(end, from);
        if (to == pem.npos) break;
        all.push_back(std::string(pem.substr(from, to + end.size() - from)) + '\n');
    }
    return all;
}

}  // namespace postseal::cli
