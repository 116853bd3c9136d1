#include "base/ascii.hpp"
#include "cli/commands.hpp"
#include "cli/open_store.hpp"
#include "cli/transport.hpp"
#include "ledger/search.hpp"
#include "queue/look.hpp"

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

    const auto text = command.output == Output::json ? ledger::toJson(*found) : forPeople(*found);
    std::fputs(text.c_str(), stdout);
    if (!text.ends_with('\n')) std::fputc('\n', stdout);
    if (!found->empty()) return 0;
    std::fprintf(stderr, "postseal: no message with the queue id or Message-ID %s is recorded\n",
                 base::escaped(command.id).c_str());
    return 1;
}

}  // namespace postseal::cli
