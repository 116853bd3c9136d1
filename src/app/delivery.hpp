// The queue and those who empty it: texts, ids, the dispatchers of all cores. Open once no lease of an
// earlier run holds, no id can be given twice and no text is orphaned; until then mail is put off, and
// nothing is taken from the store.
#pragma once

#include "app/outbound.hpp"
#include "app/resident.hpp"
#include "deliver/dispatcher.hpp"
#include "queue/body.hpp"
#include "queue/id.hpp"

#include <atomic>
#include <functional>

namespace postseal::app {

class Delivery final : public Resident {
public:
    Delivery(const Ground& ground, const std::shared_ptr<const Loaded>& loaded, Outbound& outbound);

    // For whoever accepts mail.
    queue::Bodies& bodies() { return bodies_; }
    queue::IdMaker& ids() { return ids_; }
    const std::atomic<bool>& isOpen() const { return isOpen_; }
    /// Any thread: leases whose batch is committed.
    void handOver(std::vector<queue::Lease> leases) { dispatchers_.handOver(std::move(leases)); }

    Done open() override;
    void start() override { dispatchers_.start(); }
    /// What an administrator's command made due.
    Done tick(const Now& now) override;
    void adopt(const std::shared_ptr<const Loaded>& loaded) override;
    /// The first map lets go at once what waited for it.
    void adoptPolicy(const std::shared_ptr<const policy::Map>& map) override;
    std::vector<std::string> needsRestart(const config::Settings& from,
                                          const config::Settings& to) const override;

private:
    base::Result<void> openQueue();
    base::Result<void> eachBacklog(const std::function<void(const queue::Backlog&)>& take);
    void retryAll(const char* whatWaits);

    store::Writer& writer_;
    store::Readers& readers_;
    log::Log log_;
    queue::Bodies bodies_;
    queue::IdMaker ids_;
    deliver::ReportRates reportRates_;
    deliver::Dispatchers dispatchers_;
    std::atomic<bool> isOpen_ = false;
    bool hasMap_ = false;
};

}  // namespace postseal::app
