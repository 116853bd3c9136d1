#include "base/ascii.hpp"
#include "cli/commands.hpp"
#include "cli/open_store.hpp"
#include "cli/queue_text.hpp"
#include "queue/destinations.hpp"
#include "queue/filter.hpp"
#include "queue/look.hpp"
#include "task/clock.hpp"

#include <chrono>
#include <cstdio>
#include <functional>
#include <utility>

namespace postseal::cli {
namespace {

constexpr int messagesAtOnce = 500;  // a read of the store is short, however long the queue

/// Claims that a server left behind when it ended are no deliveries.
void correct(const OpenStore& store, queue::Listed& message) {
    for (auto& recipient : message.recipients)
        recipient.inDelivery = recipient.inDelivery && store.isServed;
}

/// Prints message by message, as JSON an array, so that a long queue needs no memory.
class Printer {
public:
    explicit Printer(Output output) : output_(output) {
        if (output_ == Output::json) std::fputs("[", stdout);
    }

    void print(const queue::Listed& message, base::Timestamp now) {
        if (output_ == Output::json && messages_ > 0) std::fputs(",", stdout);
        std::fputs((output_ == Output::json ? queue::toJson(message) : forPeople(message, now)).c_str(),
                   stdout);
        ++messages_;
        recipients_ += static_cast<std::int64_t>(message.recipients.size());
    }
    void end(const char* whenNone) const {
        if (output_ == Output::json)
            std::fputs("]\n", stdout);
        else
            cli::print(messages_ == 0 ? whenNone : counted(recipients_, messages_));
    }
    std::int64_t messages() const { return messages_; }

private:
    Output output_;
    std::int64_t messages_ = 0, recipients_ = 0;
};

}  // namespace

int run(const QueueList& command) {
    const auto store = openStore(command.config);
    if (!store) return failWith(store.error());
    const auto now = task::timeNow();
    auto filter = command.selection.filter;
    if (command.selection.olderThan) filter.arrivedBefore = now - *command.selection.olderThan;

    Printer printer(command.output);
    record::QueueId last;
    const auto isFull = [&] { return command.limit > 0 && printer.messages() >= command.limit; };
    for (auto after = std::optional(record::QueueId::parse(command.after).value_or(record::QueueId()));
         after && !isFull();) {
        auto page = queue::choose(*store->engine, filter, *after, messagesAtOnce);
        if (!page) return failWith(base::toText(page.error()));
        for (auto& message : page->messages) {
            if (isFull()) break;
            correct(*store, message);
            printer.print(message, now);
            last = message.id;
        }
        after = page->next;
    }
    printer.end("No message is waiting.");
    if (isFull() && command.output == Output::people) print("Go on with --after " + last.text());
    return 0;
}

int run(const QueueShow& command) {
    const auto store = openStore(command.config);
    if (!store) return failWith(store.error());
    auto found = queue::find(*store->engine, command.id);
    if (!found) return failWith(base::toText(found.error()));
    Printer printer(command.output);
    for (auto& message : *found) {
        correct(*store, message);
        printer.print(message, task::timeNow());
    }
    printer.end("");
    if (!found->empty()) return 0;
    std::fprintf(stderr, "postseal: %s is not in the queue; 'postseal trace' tells what became of it\n",
                 base::escaped(command.id).c_str());
    return 1;
}

int run(const QueueBalance& command) {
    const auto store = openStore(command.config);
    if (!store) return failWith(store.error());
    const auto balance = queue::balance(*store->engine);
    if (!balance) return failWith(base::toText(balance.error()));
    print(command.output == Output::json ? queue::toJson(*balance) : forPeople(*balance));
    return balance->difference() == 0 ? 0 : 1;
}

int run(const QueueDestinations& command) {
    const auto store = openStore(command.config);
    if (!store) return failWith(store.error());
    auto list = queue::destinations(*store->engine);
    if (!list) return failWith(base::toText(list.error()));
    for (auto& one : *list)
        if (!store->isServed) one.waiting += std::exchange(one.inDelivery, 0);
    if (command.output == Output::people) {
        print(forPeople(*list, task::timeNow()));
        return 0;
    }
    std::string json;
    for (const auto& one : *list)
        json += (json.empty() ? "" : ",") + queue::toJson(one);
    print('[' + json + ']');
    return 0;
}

}  // namespace postseal::cli
