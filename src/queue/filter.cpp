#include "queue/filter.hpp"

#include "base/ascii.hpp"
#include "record/mailbox.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace postseal::queue {
namespace {

bool contains(std::string_view text, std::string_view words) {
    return !std::ranges::search(
                text, words, {}, [](char c) { return base::toLower(c); },
                [](char c) { return base::toLower(c); })
                .empty() ||
           words.empty();
}

/// Leaves the recipients that are meant, and the messages that have some.
void reduce(const Filter& filter, std::vector<Listed>& messages) {
    for (Listed& message : messages)
        std::erase_if(message.recipients, [&](const auto& one) { return !matches(filter, message, one); });
    std::erase_if(messages, [](const Listed& message) { return message.recipients.empty(); });
}

base::Result<Page> chooseByIds(store::Engine& engine, const Filter& filter) {
    Page page;
    for (const std::string& id : filter.ids) {
        auto found = find(engine, id);
        if (!found) return base::fail(found.error());
        if (found->empty()) page.unknown.push_back(id);
        std::ranges::move(*found, std::back_inserter(page.messages));
    }
    std::ranges::sort(page.messages, {}, &Listed::id);
    const auto twice = std::ranges::unique(page.messages, {}, &Listed::id);
    page.messages.erase(twice.begin(), twice.end());
    reduce(filter, page.messages);
    return page;
}

}  // namespace

base::Result<AddressPattern, std::string> AddressPattern::parse(std::string_view text) {
    if (text == "<>") return AddressPattern(std::string());
    if (text.starts_with('<') && text.ends_with('>')) text = text.substr(1, text.size() - 2);
    if (text.find('@') != text.npos && !text.starts_with('@')) {
        const auto mailbox = record::Mailbox::parse(text, record::Utf8::allowed);
        if (!mailbox) return base::fail(mailbox.error());
        return AddressPattern(mailbox->toText());
    }
    const auto domain = record::parseMailDomain(text.substr(text.starts_with('@') ? 1 : 0));
    if (!domain) return base::fail(domain.error());
    return AddressPattern('@' + record::toText(*domain));
}

bool AddressPattern::matches(std::string_view address) const {
    if (!text_.starts_with('@')) return base::sameWord(address, text_);
    const auto at = address.rfind('@');
    return at != address.npos && base::sameWord(address.substr(at), text_);
}

bool matches(const Filter& filter, const Listed& message, const ListedRecipient& recipient) {
    if (filter.sender && !filter.sender->matches(message.sender)) return false;
    if (filter.recipient && !filter.recipient->matches(recipient.address)) return false;
    if (!filter.nextHop.empty() && !base::sameWord(filter.nextHop, recipient.nextHop)) return false;
    if (filter.arrivedBefore && message.arrived >= *filter.arrivedBefore) return false;
    if (filter.state && toText(recipient.state) != toText(*filter.state)) return false;
    return contains(reasonText(recipient), filter.reason);
}

base::Result<Page> choose(store::Engine& engine, const Filter& filter, const record::QueueId& after,
                          int limit) {
    if (!filter.ids.empty()) return chooseByIds(engine, filter);
    auto messages = list(engine, after, limit);
    if (!messages) return base::fail(messages.error());
    Page page;
    if (std::cmp_equal(messages->size(), limit)) page.next = messages->back().id;
    page.messages = std::move(*messages);
    reduce(filter, page.messages);
    return page;
}

}  // namespace postseal::queue
