#include "directory/aliases.hpp"

#include "base/ascii.hpp"
#include "base/result.hpp"
#include "base/text_file.hpp"

#include <algorithm>
#include <utility>

namespace postseal::directory {
namespace {

using base::fail;
using base::Result;

constexpr std::size_t quotedBytes = 100;  // of a bad line's text in its fault

/// One text of its parts, without the white space around them.
std::string joined(const base::LogicalLine& line) {
    std::string text;
    for (const auto& part : line)
        (text += text.empty() ? "" : " ") += base::trim(part.text);
    return text;
}

/// Up to `sign` outside of quotes; takes it off `rest`.
std::string_view takeUntil(std::string_view& rest, char sign) {
    bool isQuoted = false;
    for (std::size_t i = 0; i < rest.size(); ++i) {
        if (rest[i] == '\\' && isQuoted)
            ++i;
        else if (rest[i] == '"')
            isQuoted = !isQuoted;
        else if (rest[i] == sign && !isQuoted) {
            const auto taken = rest.substr(0, i);
            rest.remove_prefix(i + 1);
            return base::trim(taken);
        }
    }
    return base::trim(std::exchange(rest, {}));
}

std::string refusal(std::string_view word, std::string_view why) {
    return '\'' + base::escaped(word, quotedBytes) + "' " + std::string(why);
}

/// `*`, `*@example.org` or `@example.org` for a name, as other servers write it for whoever has none.
bool isCatchAll(std::string_view line) {
    if (line.find(':') == std::string_view::npos) return false;
    const auto name = takeUntil(line, ':');
    return name == "*" || name.starts_with("*@") || name.starts_with('@');
}

/// A name of `domain`, or a whole address.
Result<record::Mailbox, std::string> parseAddress(std::string_view word, const base::DomainName& domain) {
    const bool isQuoted = word.starts_with('"');
    const bool isBare = isQuoted ? word.ends_with('"') : word.find('@') == std::string_view::npos;
    auto mailbox = record::Mailbox::parse(std::string(word) + (isBare ? "@" + domain.text() : ""),
                                          record::Utf8::allowed);
    if (!mailbox) return fail(refusal(word, "is no address: " + mailbox.error()));
    return std::move(*mailbox);
}

Result<record::Mailbox, std::string> parseTarget(std::string_view word, const base::DomainName& domain) {
    const auto inner = word.substr(std::min(word.find_first_not_of("\\\""), word.size()));  // in any dress
    if (inner.starts_with('|')) return fail(refusal(word, "runs a program, which an alias may not do here"));
    if (inner.starts_with('/')) return fail(refusal(word, "is a file, which an alias can't name here"));
    if (inner.starts_with(':'))
        return fail(refusal(word, "is not known here; write the addresses themselves"));
    if (word.starts_with('\\')) word.remove_prefix(1);  // sendmail's "no further alias": see Expansion
    return parseAddress(word, domain);
}

Result<std::pair<std::string, Alias>, std::string> parseLine(std::size_t number, std::string_view rest,
                                                             const base::DomainName& domain) {
    if (rest.find(':') == std::string_view::npos)
        return fail(refusal(rest, "has no colon; write `name: target, target`"));
    const auto name = parseAddress(takeUntil(rest, ':'), domain);
    if (!name) return fail(name.error());
    if (name->domain() != record::MailDomain(domain))
        return fail(refusal(name->toText(), "is of another domain; an alias is a name of " + domain.text()));

    Alias alias{number, {}};
    while (!rest.empty()) {
        const auto word = takeUntil(rest, ',');
        if (word.empty()) continue;
        auto target = parseTarget(word, domain);
        if (!target) return fail(target.error());
        alias.targets.push_back(std::move(*target));
    }
    if (alias.targets.empty()) return fail(refusal(name->local(), "leads to nobody"));
    return std::pair(base::toLower(name->local()), std::move(alias));
}

}  // namespace

Aliases::Parsed Aliases::parse(std::string_view text, const base::DomainName& domain) {
    Parsed parsed;
    for (const auto& line : base::logicalLines(text)) {
        const auto number = line.front().number;
        const auto words = joined(line);
        if (isCatchAll(words)) {
            if (!parsed.catchAll)
                parsed.catchAll =
                    LineError{number, refusal(words, "would catch all names, which no alias can here")};
            continue;
        }
        auto entry = parseLine(number, words, domain);
        if (!entry) {
            parsed.refused.push_back({number, entry.error()});
            continue;
        }
        auto name = entry->first;
        if (!parsed.aliases.byName_.insert(std::move(*entry)).second)
            parsed.refused.push_back({number, refusal(name, "stands there already; the first one holds")});
    }
    return parsed;
}

const Alias* Aliases::find(std::string_view name) const {
    const auto found = byName_.find(name);
    return found == byName_.end() ? nullptr : &found->second;
}

}  // namespace postseal::directory
