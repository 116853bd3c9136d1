// [[domain]], [[route]]: where mail belongs.
#include "config/keys.hpp"
#include "directory/review.hpp"

#include <algorithm>
#include <map>

namespace postseal::config {
namespace {

constexpr std::string_view smtpPrefix = "smtp:";
constexpr std::string_view lmtpPrefix = "lmtp:";
constexpr std::string_view maildirPrefix = "maildir:";

/// `smtp:...` without its prefix.
std::optional<record::NextHop> nextHop(Item& item, std::string_view text) {
    auto hop = record::NextHop::parse(text.substr(smtpPrefix.size()));
    if (hop) return std::move(*hop);
    item.fail("\"" + base::escaped(text, 80) + "\": " + hop.error(),
              "write \"smtp:[host]:port\", or \"smtp:domain\" for its MX hosts");
    return std::nullopt;
}

std::optional<directory::Delivery> lmtp(Item& item, std::string_view text) {
    const auto transport = record::parseTransport(text);
    if (transport) return std::get<record::Lmtp>(*transport);
    item.fail("\"" + base::escaped(text, 80) + "\": " + transport.error(),
              "write \"lmtp:unix:/run/dovecot/lmtp\" or \"lmtp:[127.0.0.1]:24\"");
    return std::nullopt;
}

std::optional<directory::Delivery> maildirs(Item& item, std::string_view text) {
    auto pattern = directory::Maildirs::parse(text.substr(maildirPrefix.size()));
    if (pattern) return std::move(*pattern);
    item.fail("\"" + base::escaped(text, 80) + "\": " + pattern.error(),
              "write \"maildir:/var/mail/{domain}/{local}\"");
    return std::nullopt;
}

/// RFC 8314 §3.3: such a host waits for TLS before it greets, and so it never does.
void warnOfImplicitTls(Draft& draft, const record::NextHop& hop) {
    constexpr std::uint16_t implicitTls = 465;
    if (hop.port != implicitTls) return;
    draft.settings.warnings.push_back("smtp:" + toText(hop) +
                                      ": port 465 is for TLS from the first octet, which is not built for "
                                      "delivery; most hosts take the same mail at port 587");
}

void takeDelivery(Draft& draft, Item& item) {
    const auto text = item.text();
    if (!text) return;
    if (text->starts_with(maildirPrefix)) {
        draft.domain.delivery = maildirs(item, *text);
    } else if (text->starts_with(lmtpPrefix)) {
        draft.domain.delivery = lmtp(item, *text);
    } else if (text->starts_with(smtpPrefix)) {
        if (auto hop = nextHop(item, *text)) {
            warnOfImplicitTls(draft, *hop);
            draft.domain.delivery = directory::Relay{std::move(*hop)};
        }
    } else {
        item.fail("\"" + base::escaped(*text, 80) + "\" names no way",
                  "write \"maildir:/var/mail/{domain}/{local}\", \"lmtp:unix:PATH\", "
                  "\"lmtp:[host]:port\" or \"smtp:[host]:port\"");
    }
}

void takeVia(Draft& draft, Item& item) {
    const auto text = item.text();
    if (!text) return;
    if (text->starts_with(smtpPrefix)) {
        draft.route.via = nextHop(item, *text);
        if (draft.route.via) warnOfImplicitTls(draft, *draft.route.via);
        return;
    }
    item.fail("\"" + base::escaped(*text, 80) + "\" names no way",
              "write \"smtp:[host]:port\"; mailboxes of our own stand in [[domain]]");
}

void takeDomainName(Draft& draft, Item& item) {
    const auto text = item.text();
    if (!text) return;
    auto name = base::DomainName::parse(*text);
    if (!name) return item.fail("the name " + name.error());
    draft.domain.name = std::move(*name);
}

void takeList(List& list, Item& item) {
    list.file = item.path();
    if (!list.file.empty()) list.text = item.textOf(list.file);
}

void takeRecipients(List& list, Item& item) {
    const auto text = item.text();
    if (text && *text != "any") takeList(list, item);
}

void takeSeparators(Draft& draft, Item& item) {
    constexpr std::string_view allowed = "+-_.=#";
    const auto text = item.text();
    if (!text) return;
    if (text->find_first_not_of(allowed) != std::string::npos)
        return item.fail("\"" + base::escaped(*text, 80) + "\" has a sign that separates nothing",
                         "take one or more of " + std::string(allowed) + ", or \"\" for none");
    draft.domain.separators = *text;
}

constexpr Key domain[] = {
    {"name", "", "The domain. What lies below it is another domain.", takeDomainName, Key::Need::required},
    {"delivery", "",
     "Where its mail goes: `maildir:/var/mail/{domain}/{local}`, `lmtp:unix:PATH`, `lmtp:[host]:port`, or "
     "`smtp:[host]:port`, the system with the mailboxes. Of a Maildir, the part before the first `{` must be "
     "there and belong to `user`; what lies below is made with mode 0700 for each recipient that is listed.",
     takeDelivery, Key::Need::required},
    {"recipients", "",
     "A file with one recipient a line (`user` or `user@domain`), or `any` (not for Maildirs). Unknown ones "
     "are refused at RCPT, so that nothing has to be returned later. Read again when it changes.",
     [](Draft& d, Item& i) { takeRecipients(d.domain.recipients, i); }, Key::Need::required},
    {"aliases", "",
     "A file of `name: target, target` lines, as aliases(5) has them. A target is a name of this domain or "
     "an "
     "address anywhere. A line with `|`, a path or `:include:` is refused with a warning; the rest holds. "
     "Read again when it changes.",
     [](Draft& d, Item& i) { takeList(d.domain.aliases, i); }},
    {"subaddress", "\"+\"",
     "The signs that begin a subaddress: `bob+news` is `bob`, unless `bob+news` has a line of its own. "
     "`\"\"`: "
     "none.",
     takeSeparators},
    {"srs", "true",
     "What an alias sends to a foreign domain leaves under a sender of this domain (`SRS0=...`), so that SPF "
     "does not refuse it; bounces to that address go on to the true sender. Senders of ours stay as they "
     "are.",
     [](Draft& d, Item& i) { i.takeFlag(d.domain.rewrites); }},
};

constexpr Key route[] = {
    {"domain", "", "`example.net`; `.example.net` for what lies below it; `*` for all (a smarthost).",
     [](Draft& d, Item& i) { i.takeText(d.route.domain); }, Key::Need::required},
    {"via", "", "`smtp:[host]:port`, or `smtp:domain` for its MX hosts.", takeVia, Key::Need::required},
    {"relay", "false",
     "We are a backup MX of the domain: mail for it is taken from anyone. With `via = \"smtp:domain\"` it "
     "goes "
     "to the MX hosts that are preferred to us.",
     [](Draft& d, Item& i) { i.takeFlag(d.route.isBackup); }},
    {"recipients", "\"any\"",
     "With `relay`: a file with one recipient a line, so that unknown ones are refused at RCPT and nothing "
     "has "
     "to be returned.",
     [](Draft& d, Item& i) { takeRecipients(d.route.recipients, i); }},
};

std::string warning(const std::filesystem::path& file, std::size_t line, const std::string& words) {
    return file.string() + ':' + std::to_string(line) + ": " + words;
}

/// A name that looks like another one and is none.
void warnOfInvisible(const List& list, std::vector<std::string>& warnings) {
    for (const auto& found : directory::invisibleIn(*list.text)) {
        auto words = warning(list.file, found.line, found.message);
        // Domains may share a list.
        if (std::ranges::find(warnings, words) == warnings.end()) warnings.push_back(std::move(words));
    }
}

/// None: told already.
std::optional<directory::Recipients> recipientsOf(const List& list, const base::DomainName& domain,
                                                  Notes& notes, std::vector<std::string>& warnings) {
    if (!list.text) return list.file.empty() ? std::optional(directory::Recipients::any()) : std::nullopt;
    warnOfInvisible(list, warnings);
    auto parsed = directory::Recipients::parse(*list.text, domain);
    if (parsed) return std::move(*parsed);
    notes.errors.push_back({list.file.string(), parsed.error().line, "", parsed.error().message, ""});
    return std::nullopt;
}

directory::Aliases aliasesOf(const List& list, const base::DomainName& domain, Notes& notes,
                             std::vector<std::string>& warnings) {
    if (!list.text) return {};
    warnOfInvisible(list, warnings);
    auto parsed = directory::Aliases::parse(*list.text, domain);
    for (const auto& refused : parsed.refused)
        warnings.push_back(warning(list.file, refused.line, refused.message));
    if (parsed.catchAll)
        notes.errors.push_back(
            {list.file.string(), parsed.catchAll->line, "", parsed.catchAll->message,
             "write a line for each name; `recipients = \"any\"` hands all names on to the "
             "system that holds the mailboxes"});
    return std::move(parsed.aliases);
}

}  // namespace

std::span<const Key> domainKeys() {
    return domain;
}
std::span<const Key> routeKeys() {
    return route;
}

void endDomain(Draft& draft, std::size_t line, const std::string& key, Notes& notes) {
    const auto read = std::exchange(draft.domain, {});
    const auto& [name, delivery, list, aliasList, separators, rewrites] = read;
    if (!name || !delivery) return;  // told already
    auto& settings = draft.settings;
    auto recipients = recipientsOf(list, *name, notes, settings.warnings);
    if (!recipients) return;
    if (std::holds_alternative<directory::Maildirs>(*delivery) && recipients->takesAny())
        return notes.add(line, key + ".recipients", "a Maildir is made only for a recipient that is listed",
                         "name a file with one recipient a line");
    if (!list.file.empty()) settings.lists.push_back(list.file);
    if (!aliasList.file.empty()) settings.lists.push_back(aliasList.file);
    directory::Domain made{*delivery, std::move(*recipients),
                           aliasesOf(aliasList, *name, notes, settings.warnings), separators,
                           rewrites ? directory::Rewriting::srs : directory::Rewriting::no};
    if (!settings.directory.domains.emplace(*name, std::move(made)).second)
        notes.add(line, key + ".name", name->text() + " stands there already");
    draft.aliasFiles.emplace(*name, aliasList.file);
}

void endRoute(Draft& draft, std::size_t line, const std::string& key, Notes& notes) {
    auto [pattern, via, list, isBackup] = std::exchange(draft.route, {});
    if (pattern.empty() || !via) return;  // told already
    directory::Route made{std::move(*via)};
    if (isBackup) {
        made.relayed = directory::Recipients::any();
        const auto name = base::DomainName::parse(pattern);
        if (!list.file.empty() && !name)
            return notes.add(line, key + ".recipients", "a list is of one domain, not of those below it");
        if (name) made.relayed = recipientsOf(list, *name, notes, draft.settings.warnings);
        if (!list.file.empty()) draft.settings.lists.push_back(list.file);
    } else if (!list.file.empty()) {
        return notes.add(line, key + ".recipients", "counts only where mail is taken from anyone",
                         "add relay = true if we are a backup MX of " + base::escaped(pattern, 80));
    }
    const auto added = draft.settings.directory.routes.add(pattern, std::move(made));
    if (!added) notes.add(line, key + ".domain", added.error());
}

void reviewDirectory(Draft& draft) {
    auto& settings = draft.settings;
    for (const auto& found : directory::review(settings.directory)) {
        const auto& file = draft.aliasFiles.at(found.domain);
        settings.warnings.push_back(found.line == 0 ? found.words : warning(file, found.line, found.words));
    }
}

}  // namespace postseal::config
