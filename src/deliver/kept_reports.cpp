#include "deliver/kept_reports.hpp"

#include "ledger/write.hpp"
#include "store/batch.hpp"
#include "store/error.hpp"

#include <string>
#include <utility>
#include <vector>

namespace postseal::deliver {
namespace {

constexpr int atOnce = 100;

}  // namespace

base::Result<std::size_t> letKeptReportsGo(store::Readers& readers, store::Writer& writer,
                                           const std::filesystem::path& dataDir,
                                           const queue::KeptLimits& limits, base::Timestamp now,
                                           log::Log log) {
    using List = std::vector<queue::Listed>;
    const auto beyond = readers.read<List>(
        [&](store::Engine& engine) { return queue::keptBeyond(engine, limits, now, atOnce); });
    if (!beyond) return base::fail(beyond.error());
    std::size_t gone = 0;
    for (const auto& message : *beyond) {
        store::Batch batch;
        for (const auto& recipient : message.recipients) {
            queue::remove(batch, message, recipient, dataDir, queue::RemovedBy::limits);
            ledger::append(batch,
                           ledger::Settled{.queueId = message.id,
                                           .address = recipient.address,
                                           .state = "discarded",
                                           .reason = "a report that nobody could be given was let go: " +
                                                     recipient.reason,
                                           .time = now});
        }
        const auto done = writer.commitBlocking(std::move(batch));
        if (!done && done.error().code == store::Errc::conflict) continue;  // released or deleted meanwhile
        if (!done) return base::fail(done.error());
        ++gone;
    }
    if (gone > 0)
        log.as("bounce").warning("ALARM: " + std::to_string(gone) +
                                 " reports that could not be delivered were let go: they were too old or too "
                                 "many; 'postseal queue list --held' shows those that are left");
    return gone;
}

}  // namespace postseal::deliver
