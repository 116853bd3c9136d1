#include "base/ascii.hpp"
#include "cli/commands.hpp"
#include "cli/open_store.hpp"
#include "cli/transport.hpp"
#include "ledger/search.hpp"
#include "queue/look.hpp"
#include "record/mailbox.hpp"

#include <algorithm>
#include <cstdio>

namespace postseal::cli {
namespace {

/// Who is held, the queue alone knows.
base::Result<void> markHeld(store::Engine& engine, ledger::TransportRecord& transport) {
    const auto queued = queue::find(engine, transport.queueId.text());
    if (!queued) return base::fail(queued.error());
    for (const auto& message : *queued)
        for (const auto& recipient : message.recipients) {
            if (recipient.state == queue::State::queued) continue;
            const auto fate =
                std::ranges::find(transport.recipients, recipient.address, &ledger::RecipientFate::address);
            if (fate != transport.recipients.end()) fate->state = "held";
        }
    return {};
}

}  // namespace

int run(const Trace& command) {
    const auto store = openStore(command.config);
    if (!store) return failWith(store.error());
    auto found = ledger::find(*store->engine, command.id);
    if (!found) return failWith(base::toText(found.error()));
    for (auto& transport : *found)
        if (const auto seen = markHeld(*store->engine, transport); !seen)
            return failWith(base::toText(seen.error()));

    if (command.output == Output::json) print(ledger::toJson(*found));
    if (command.output == Output::people && !found->empty()) print(forPeople(*found));
    if (!found->empty()) return 0;
    const bool isAddress = record::Mailbox::parse(command.id).has_value();
    std::fprintf(stderr, "postseal: no message with the queue id or Message-ID %s is recorded%s\n",
                 base::escaped(command.id).c_str(),
                 isAddress ? "; 'postseal trace --to' and '--from' look for an address" : "");
    return 1;
}

}  // namespace postseal::cli
