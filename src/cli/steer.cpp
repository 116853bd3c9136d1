#include "queue/steer.hpp"
#include "base/ascii.hpp"
#include "cli/commands.hpp"
#include "cli/open_store.hpp"
#include "cli/queue_text.hpp"
#include "ledger/write.hpp"
#include "queue/filter.hpp"
#include "record/json_text.hpp"
#include "task/clock.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <iterator>
#include <optional>
#include <span>

namespace postseal::cli {
namespace {

using queue::Steer;

constexpr int messagesAtOnce = 500;
constexpr std::size_t mostNamed = 20;  // of those in delivery, for people

/// What became of the whole selection.
struct Told {
    queue::Steered steered;
    std::int64_t passedOver = 0;  // recipients to whom it does not apply
    std::vector<std::string> unknown;
};
using OnPage = std::function<base::Result<void>(const std::vector<queue::Listed>&)>;

/// The queue's messages that are meant, page by page.
base::Result<void> eachPage(const QueueSteer& command, store::Engine& engine, base::Timestamp now, Told& told,
                            const OnPage& onPage) {
    auto filter = command.selection.filter;
    if (command.selection.olderThan) filter.arrivedBefore = now - *command.selection.olderThan;
    for (std::optional<record::QueueId> after = record::QueueId(); after;) {
        auto page = queue::choose(engine, filter, *after, messagesAtOnce);
        if (!page) return base::fail(page.error());
        for (auto& message : page->messages)
            told.passedOver += static_cast<std::int64_t>(std::erase_if(
                message.recipients, [&](const auto& one) { return !applies(command.steer, one.state); }));
        std::erase_if(page->messages, [](const auto& message) { return message.recipients.empty(); });
        if (auto done = onPage(page->messages); !done) return done;
        std::ranges::move(page->unknown, std::back_inserter(told.unknown));
        after = page->next;
    }
    return {};
}

base::Result<Told> tryOut(const QueueSteer& command, store::Engine& engine, base::Timestamp now) {
    Told told;
    const auto done = eachPage(command, engine, now, told, [&](const auto& messages) -> base::Result<void> {
        for (const queue::Listed& message : messages) {
            std::int64_t idle = 0;
            for (const auto& one : message.recipients) {
                if (!one.inDelivery)
                    ++idle;
                else
                    told.steered.inDelivery.push_back({message.id, one.address});
            }
            told.steered.recipients += idle;
            told.steered.messages += idle > 0 ? 1 : 0;
            if (command.isDryRun && command.output == Output::people) print(forPeople(message, now));
        }
        return {};
    });
    if (!done) return base::fail(done.error());
    return told;
}

base::Result<Told> carryOut(const QueueSteer& command, const OpenStore& store, base::Timestamp now) {
    queue::Order order{.steer = command.steer, .now = now, .dataDir = store.dataDir};
    if (command.steer == Steer::remove)
        order.record = [now](store::Batch& batch, const queue::Listed& message,
                             const queue::ListedRecipient& recipient) {
            ledger::append(batch, ledger::Settled{.queueId = message.id,
                                                  .address = recipient.address,
                                                  .state = "deleted",
                                                  .reason = "deleted by an administrator",
                                                  .time = now});
        };
    Told told;
    const auto done =
        eachPage(command, *store.engine, now, told, [&](const auto& messages) -> base::Result<void> {
            const auto some = queue::steer(*store.engine, order, messages);
            if (!some) return base::fail(some.error());
            told.steered.recipients += some->recipients;
            told.steered.messages += some->messages;
            std::ranges::copy(some->inDelivery, std::back_inserter(told.steered.inDelivery));
            return {};
        });
    if (!done) return base::fail(done.error());
    return told;
}

std::string toJson(const QueueSteer& command, const Told& told) {
    record::JsonText json;
    json.open('{');
    json.member("command", nameOf(command.steer)).member("dry_run", command.isDryRun);
    json.member("messages", told.steered.messages).member("recipients", told.steered.recipients);
    json.key("in_delivery").open('[');
    for (const auto& one : told.steered.inDelivery) {
        json.open('{');
        json.member("queue_id", one.id.text()).member("address", one.address);
        json.close('}');
    }
    json.close(']');
    json.key("unknown").open('[');
    for (const auto& id : told.unknown)
        json.value(id);
    json.close(']');
    json.close('}');
    return json.take();
}

void warn(const std::string& words) {
    std::fprintf(stderr, "postseal: %s\n", words.c_str());
}

void tell(const QueueSteer& command, const Told& told, bool isServed) {
    const auto& steered = told.steered;
    for (const auto& id : told.unknown)
        warn(base::escaped(id) + " is not in the queue; 'postseal trace' tells what became of it");
    for (const auto& one :
         std::span(steered.inDelivery).first(std::min(steered.inDelivery.size(), mostNamed)))
        warn(one.id.text() + " to <" + base::escaped(one.address) +
             "> is in delivery now and stays as it is");
    if (steered.inDelivery.size() > mostNamed)
        warn("... and " + std::to_string(steered.inDelivery.size() - mostNamed) +
             " more are in delivery now");
    if (command.output == Output::json) return print(toJson(command, told));

    if (steered.recipients > 0) {
        print(forPeople(command.steer, steered, command.isDryRun));
        const bool isDue = command.steer == Steer::retry || command.steer == Steer::release;
        if (isDue && !isServed) print("No server is running: they are tried when it starts.");
    } else if (told.passedOver > 0) {
        warn(std::to_string(told.passedOver) + (command.steer == Steer::release
                                                    ? " recipients match, and none of them is held"
                                                    : " recipients match, and all are held already"));
    } else if (steered.inDelivery.empty() && told.unknown.empty()) {
        warn("nothing in the queue matches; 'postseal queue list' takes the same filters");
    }
}

/// Deleting by filter is asked about where somebody can answer.
bool isWanted(const Told& expected) {
    std::fprintf(stderr, "Delete %s? This can't be undone. [y/N] ",
                 counted(expected.steered.recipients, expected.steered.messages).c_str());
    const int answer = std::getchar();
    return answer == 'y' || answer == 'Y';
}

}  // namespace

int run(const QueueSteer& command) {
    const bool isTerminal = ::isatty(STDIN_FILENO) == 1;
    const bool isDelete = command.steer == Steer::remove && !command.isConfirmed && !command.isDryRun;
    if (isDelete && command.selection.isAll && !isTerminal)
        return failWith("to delete the whole queue, add --yes; --dry-run shows it");

    const auto store = command.isDryRun ? openStore(command.config) : openStoreToSteer(command.config);
    if (!store) return failWith(store.error());
    const auto now = task::timeNow();
    if (isDelete && isTerminal && command.selection.filter.ids.empty()) {
        const auto expected = tryOut(command, *store->engine, now);
        if (!expected) return failWith(base::toText(expected.error()));
        if (expected->steered.recipients > 0 && !isWanted(*expected)) {
            warn("nothing was deleted");
            return 1;
        }
    }
    const auto told =
        command.isDryRun ? tryOut(command, *store->engine, now) : carryOut(command, *store, now);
    if (!told) return failWith(base::toText(told.error()));
    tell(command, *told, store->isServed);
    const bool isRefused = command.steer != Steer::retry && !told->steered.inDelivery.empty();
    return told->steered.recipients == 0 || isRefused || !told->unknown.empty() ? 1 : 0;
}

}  // namespace postseal::cli
