#include "cli/commands.hpp"
#include "cli/open_store.hpp"
#include "cli/refused_text.hpp"
#include "cli/traffic_text.hpp"
#include "companion/questions.hpp"
#include "ledger/transfers.hpp"
#include "queue/look.hpp"

namespace postseal::cli {
namespace {

constexpr std::int64_t mostAnswers = 1'000'000;  // more than are kept
constexpr int messagesAtOnce = 500;              // a read of the store is short, however long the queue

base::Result<void> addWaiting(store::Engine& engine, ledger::Traffic& traffic) {
    for (record::QueueId after;;) {
        const auto messages = queue::list(engine, after, messagesAtOnce);
        if (!messages) return base::fail(messages.error());
        for (const auto& message : *messages)
            for (const auto& recipient : message.recipients)
                traffic.addWaiting(recipient.address, message.arrived);
        if (messages->empty()) return {};
        after = messages->back().id;
    }
}

base::Result<void> count(store::Engine& engine, base::Timestamp since, ledger::Traffic& traffic) {
    const auto take = [&](const record::HopRecord& hop) {
        traffic.add(hop);
        return ledger::Search::goOn;
    };
    if (auto read = ledger::lookBack(engine, {.to = since}, take); !read) return read;
    const auto takeReturned = [&](const std::string& address, base::Timestamp time) {
        traffic.addReturned(address, time);
    };
    if (auto read = ledger::lookAtReturned(engine, since, takeReturned); !read) return read;
    return addWaiting(engine, traffic);
}

base::Result<ledger::PolicyAnswers> answersSince(store::Engine& engine, base::Timestamp since) {
    const auto days = companion::answeredSince(engine, since, mostAnswers);
    if (!days) return base::fail(days.error());
    ledger::PolicyAnswers answers;
    for (const auto& day : *days)
        answers[day.answer] += day.questions;
    return answers;
}

}  // namespace

int run(const ReportTraffic& command) {
    const auto store = openStore(command.config);
    if (!store) return failWith(store.error());
    const auto since = timeOf(command.since);
    ledger::Traffic traffic(command.by);
    if (const auto counted = count(*store->engine, since, traffic); !counted)
        return failWith(base::toText(counted.error()));
    const auto answers = answersSince(*store->engine, since);
    if (!answers) return failWith(base::toText(answers.error()));
    const auto rows = traffic.rows(static_cast<std::size_t>(command.limit));
    print(command.output == Output::json ? toJson(rows, command.by, since, *answers)
                                         : forPeople(rows, command.by, since, *answers));
    return 0;
}

int run(const ReportRefused& command) {
    const auto store = openStore(command.config);
    if (!store) return failWith(store.error());
    const auto sums = ledger::refusedSince(*store->engine, timeOf(command.since));
    if (!sums) return failWith(base::toText(sums.error()));
    print(command.output == Output::json ? toJson(*sums)
                                         : forPeople(*sums, static_cast<std::size_t>(command.limit)));
    return 0;
}

}  // namespace postseal::cli
