// [[domain]], [[route]]: where mail belongs.
#include "config/keys.hpp"

namespace postseal::config {
namespace {

constexpr std::string_view smtpPrefix = "smtp:";

std::optional<record::NextHop> nextHop(Item& item) {
    const auto text = item.text();
    if (!text) return std::nullopt;
    for (const std::string_view later : {"maildir:", "lmtp:"})
        if (text->starts_with(later)) {
            item.notBuilt("delivery by " + std::string(later.substr(0, later.size() - 1)));
            return std::nullopt;
        }
    if (!text->starts_with(smtpPrefix)) {
        item.fail("\"" + base::escaped(*text, 80) + "\" names no way", "write \"smtp:[host]:port\"");
        return std::nullopt;
    }
    auto hop = record::NextHop::parse(std::string_view(*text).substr(smtpPrefix.size()));
    if (!hop) {
        item.fail("\"" + base::escaped(*text, 80) + "\": " + hop.error(),
                  "write \"smtp:[host]:port\", or \"smtp:domain\" for its MX hosts");
        return std::nullopt;
    }
    return std::move(*hop);
}

void takeDomainName(Draft& draft, Item& item) {
    const auto text = item.text();
    if (!text) return;
    auto name = base::DomainName::parse(*text);
    if (!name) return item.fail("the name " + name.error());
    draft.domainName = std::move(*name);
}

void takeRecipients(Draft& draft, Item& item) {
    const auto text = item.text();
    if (!text || *text == "any") return;
    draft.recipientsFile = item.path();
    if (!draft.recipientsFile.empty()) draft.recipients = item.contentOf(draft.recipientsFile);
}

constexpr Key domain[] = {
    {"name", "", "The domain. What lies below it is another domain.", takeDomainName, Key::Need::required},
    {"delivery", "",
     "Where its mail goes: `smtp:[host]:port`, the system with the mailboxes. Maildir and LMTP are not "
     "built yet.",
     [](Draft& d, Item& i) {
         if (auto hop = nextHop(i)) d.delivery = directory::Relay{std::move(*hop)};
     },
     Key::Need::required},
    {"recipients", "",
     "A file with one recipient a line (`user` or `user@domain`), or `any`. Unknown ones are refused at "
     "RCPT, so that nothing has to be returned later.",
     takeRecipients, Key::Need::required},
};

constexpr Key route[] = {
    {"domain", "", "`example.net`; `.example.net` for what lies below it; `*` for all (a smarthost).",
     [](Draft& d, Item& i) { i.takeText(d.routeDomain); }, Key::Need::required},
    {"via", "", "`smtp:[host]:port`, or `smtp:domain` for its MX hosts.",
     [](Draft& d, Item& i) { d.routeVia = nextHop(i); }, Key::Need::required},
};

}  // namespace

std::span<const Key> domainKeys() {
    return domain;
}
std::span<const Key> routeKeys() {
    return route;
}

void endDomain(Draft& draft, std::size_t line, const std::string& key, Notes& notes) {
    const auto name = std::exchange(draft.domainName, {});
    const auto delivery = std::exchange(draft.delivery, {});
    const auto list = std::exchange(draft.recipients, {});
    const auto file = std::exchange(draft.recipientsFile, {});
    if (!name || !delivery) return;  // told already
    auto recipients = directory::Recipients::any();
    if (list) {
        auto parsed = directory::Recipients::parse(*list, *name);
        if (!parsed)
            return notes.errors.push_back(
                {file.string(), parsed.error().line, "", parsed.error().message, ""});
        recipients = std::move(*parsed);
    }
    auto& domains = draft.settings.directory.domains;
    if (!domains.emplace(*name, directory::Domain{*delivery, std::move(recipients)}).second)
        notes.add(line, key + ".name", name->text() + " stands there already");
}

void endRoute(Draft& draft, std::size_t line, const std::string& key, Notes& notes) {
    const auto pattern = std::exchange(draft.routeDomain, {});
    auto via = std::exchange(draft.routeVia, {});
    if (pattern.empty() || !via) return;  // told already
    const auto added = draft.settings.directory.routes.add(pattern, std::move(*via));
    if (!added) notes.add(line, key + ".domain", added.error());
}

}  // namespace postseal::config
