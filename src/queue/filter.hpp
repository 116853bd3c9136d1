// Choosing among what is queued, in the words of an administrator: by queue id, addresses, next hop, reason
// and age. All that is given must hold for a recipient; what is not given holds for all. Blocking, on a
// read-only connection or a short writer's.
#pragma once

#include "queue/look.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postseal::queue {

/// `bob@example.org`; a whole domain, `@example.org` or `example.org`, without those below it; `<>`: the null
/// reverse-path. The case of the local part makes no difference.
class AddressPattern {
public:
    static base::Result<AddressPattern, std::string> parse(std::string_view text);

    /// `address` as the queue keeps it.
    bool matches(std::string_view address) const;
    /// What every address that matches ends in, in some case.
    const std::string& text() const { return text_; }

private:
    explicit AddressPattern(std::string text) : text_(std::move(text)) {}

    std::string text_;  // canonical; a domain begins with its '@'
};

struct Filter {
    std::vector<std::string> ids = {};  // queue ids or Message-IDs; one of them
    std::optional<AddressPattern> sender = {}, recipient = {};
    std::string nextHop = {};  // as `queue destinations` shows it
    std::string reason = {};   // words of it, in any case
    std::optional<base::Timestamp> arrivedBefore = {};
    std::optional<State> state = {};  // held: kept reports, too
};

bool matches(const Filter& filter, const Listed& message, const ListedRecipient& recipient);

struct Page {
    std::vector<Listed> messages;           // with those of their recipients that are meant
    std::optional<record::QueueId> next;    // go on after it; none: that was the end
    std::vector<std::string> unknown = {};  // of Filter::ids: not in the queue
};
/// Looks at `limit` messages younger than `after`, oldest first; with ids, at those, all at once.
base::Result<Page> choose(store::Engine& engine, const Filter& filter, const record::QueueId& after,
                          int limit);

}  // namespace postseal::queue
