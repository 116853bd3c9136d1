// What is known of destinations, as a resident (discover/outbound): loaded whatever becomes of the queue,
// since what is not known is not "there is none"; told of the administrator's commands; asked by delivery and
// by the socketmap's front.
#pragma once

#include "app/resident.hpp"
#include "discover/outbound.hpp"

#include <functional>
#include <optional>

namespace postseal::app {

/// Whoever has to do something else once something else is known; on the supervisor's thread.
struct Learners {
    std::function<void(const std::string& domain)> ofDomain;
    std::function<void()> ofAll;
};

class Outbound final : public Resident {
public:
    Outbound(const Ground& ground, const std::shared_ptr<const Loaded>& loaded);

    discover::Destinations& destinations(std::size_t core) const { return known_.destinations(core); }
    net::SmtpDialer& dialer(std::size_t core) const { return known_.dialer(core); }
    discover::MemoryStore& memory() { return known_.memory(); }
    const discover::Alliances& alliances() const { return known_.alliances(); }
    /// Before open().
    void tell(Learners learners) { learners_ = std::move(learners); }

    Done open() override;
    void start() override { known_.start(); }
    Done tick(const Now& now) override;
    void stop() override;
    void adopt(const std::shared_ptr<const Loaded>& loaded) override;
    void adoptPolicy(const std::shared_ptr<const policy::Map>& map) override;
    std::vector<std::string> needsRestart(const config::Settings& from,
                                          const config::Settings& to) const override;

private:
    void changed(const std::string& domain);
    void forgetAll();
    base::Result<void> writeLearnt();

    store::Writer& writer_;
    store::Readers& readers_;
    log::Log log_;
    std::shared_ptr<const Loaded> loaded_;
    std::shared_ptr<const policy::Map> map_;
    discover::Outbound known_;
    Learners learners_;
    std::optional<base::Timestamp> nextEnd_;  // of an alliance's list
    bool wasMissing_ = false;                 // open() failed before
    bool isMemoryFull_ = false;               // as it was last logged
};

}  // namespace postseal::app
