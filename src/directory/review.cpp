#include "directory/review.hpp"

#include "base/ascii.hpp"
#include "base/text_file.hpp"
#include "directory/expansion.hpp"

#include <fmt/core.h>

#include <utility>

namespace postseal::directory {
namespace {

/// A target in a domain of ours that nobody there has for a name.
bool isNobody(const Directory& directory, const record::Mailbox& target) {
    const auto* const name = target.domainName();
    if (name == nullptr) return false;
    const auto ours = directory.domains.find(*name);
    return ours != directory.domains.end() && !ours->second.match(target, *name);
}

void reviewAlias(const Directory& directory, const base::DomainName& domain, const std::string& name,
                 std::vector<Warning>& warnings) {
    const auto& alias = *directory.domains.at(domain).aliases.find(name);
    const auto warn = [&](const std::string& words) {
        warnings.push_back({domain, alias.line, '\'' + base::escaped(name) + "' " + words});
    };
    for (const auto& target : alias.targets)
        if (isNobody(directory, target))
            warn("leads to " + base::escaped(target.toText()) +
                 ", who is no recipient; its mail will return");

    Expansion expansion(directory);
    if (auto self = record::Mailbox::make(name, domain, record::Utf8::allowed)) expansion.follow(*self);
    if (expansion.isUnbounded())
        warn("leads to more than " + std::to_string(mostTargets) + " recipients, or over more than " +
             std::to_string(deepestAlias) + " aliases; mail for it is put off");
    else if (expansion.targets().empty())
        warn("leads back to itself and to no mailbox; mail for it is refused");
}

}  // namespace

std::vector<Warning> review(const Directory& directory) {
    std::vector<Warning> warnings;
    for (const auto& [name, domain] : directory.domains) {
        const bool isPostmasterNamed =
            domain.recipients.lists("postmaster") || domain.aliases.find("postmaster");
        if (std::holds_alternative<Maildirs>(domain.delivery) && !isPostmasterNamed)
            warnings.push_back({name, 0,
                                "postmaster@" + name.text() +
                                    " always exists (RFC 5321 section 4.5.1) and gets a Maildir of its own; "
                                    "an alias 'postmaster: you' brings that mail to someone who reads it"});
        for (const auto& [alias, entry] : domain.aliases.all())
            reviewAlias(directory, name, alias, warnings);
    }
    return warnings;
}

std::vector<LineError> invisibleIn(std::string_view list) {
    std::vector<LineError> found;
    for (const auto& line : base::logicalLines(list))
        for (const auto& part : line)
            if (const auto sign = base::findInvisible(part.text.substr(0, part.text.find('#'))))
                found.push_back({part.number, fmt::format("'{}' has a character that nobody sees (U+{:04X})",
                                                          base::escaped(base::trim(part.text), 100),
                                                          static_cast<unsigned>(*sign))});
    return found;
}

}  // namespace postseal::directory
