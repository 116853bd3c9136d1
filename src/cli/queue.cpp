#include "base/ascii.hpp"
#include "cli/commands.hpp"
#include "cli/open_store.hpp"
#include "cli/queue_text.hpp"
#include "queue/look.hpp"

#include <cstdio>
#include <iterator>

namespace postseal::cli {
namespace {

constexpr int pageMessages = 1000;  // a read of the store is short, however long the queue

base::Result<std::vector<queue::Listed>> wholeQueue(store::Engine& engine) {
    std::vector<queue::Listed> all;
    while (true) {
        const auto after = all.empty() ? record::QueueId() : all.back().id;
        auto page = queue::list(engine, after, pageMessages);
        if (!page) return base::fail(page.error());
        const bool last = page->size() < pageMessages;
        std::move(page->begin(), page->end(), std::back_inserter(all));
        if (last) return all;
    }
}

void print(std::string text) {
    if (!text.ends_with('\n')) text += '\n';
    std::fputs(text.c_str(), stdout);
}

}  // namespace

int run(const QueueList& command) {
    const auto store = openStore(command.config);
    if (!store) return failWith(store.error());
    const auto all = wholeQueue(**store);
    if (!all) return failWith(base::toText(all.error()));
    print(command.output == Output::json ? queue::toJson(*all) : forPeople(*all));
    return 0;
}

int run(const QueueShow& command) {
    const auto store = openStore(command.config);
    if (!store) return failWith(store.error());
    const auto found = queue::find(**store, command.id);
    if (!found) return failWith(base::toText(found.error()));
    print(command.output == Output::json ? queue::toJson(*found) : forPeople(*found));
    if (!found->empty()) return 0;
    std::fprintf(stderr, "postseal: %s is not in the queue; 'postseal trace' tells what became of it\n",
                 base::escaped(command.id).c_str());
    return 1;
}

int run(const QueueBalance& command) {
    const auto store = openStore(command.config);
    if (!store) return failWith(store.error());
    const auto balance = queue::balance(**store);
    if (!balance) return failWith(base::toText(balance.error()));
    print(command.output == Output::json ? queue::toJson(*balance) : forPeople(*balance));
    return balance->difference() == 0 ? 0 : 1;
}

}  // namespace postseal::cli
