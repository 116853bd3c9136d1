// The alliances that we joined, as a resident: looks now and then for newer lists, takes what is signed and
// newer, and warns for weeks before a list ends. What its lists demand is known to `outbound`. Fetching is
// the first core's; the store is written from the supervisor's thread.
#pragma once

#include "app/outbound.hpp"
#include "discover/alliance_fetch.hpp"
#include "discover/alliance_store.hpp"
#include "discover/inbound.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace postseal::app {

class Alliances final : public Resident {
public:
    static constexpr std::chrono::seconds pause{10};         // between two looks at what is due
    static constexpr std::chrono::hours warnedAgain{24};     // of one list
    static constexpr std::chrono::minutes afterTrouble{15};  // sooner than usual

    Alliances(const Ground& ground, const std::shared_ptr<const Loaded>& loaded, const Outbound& outbound);

    /// Before open(): who has to know what lists demand of mail from their members.
    void tell(std::function<void(std::shared_ptr<const discover::AllianceDemands>)> judge) {
        judge_ = std::move(judge);
    }

    Done open() override;
    Done tick(const Now& now) override;
    void adopt(const std::shared_ptr<const Loaded>& loaded) override { loaded_ = loaded; }
    std::vector<std::string> needsRestart(const config::Settings&, const config::Settings&) const override {
        return {};
    }

private:
    /// What the core has fetched, for the next tick.
    struct Fetched {
        std::string name;
        base::Result<std::string, std::string> text;
    };
    struct Mailbag {
        std::mutex mutex;
        std::vector<Fetched> fetched = {};  // guarded by mutex
    };
    static task::Awaitable<void> fetch(std::shared_ptr<Mailbag> bag, discover::Ask ask,
                                       std::shared_ptr<const Loaded> loaded, std::string name,
                                       std::string url);

    void begin(const discover::AllianceSource& source);
    Done take(const Fetched& fetched, base::Timestamp now);
    void tellDemands();
    Done writeAnchors();
    void warnOfEnd(const discover::AllianceSource& source, const Now& now);

    task::Core& home_;
    discover::Ask ask_;
    store::Writer& writer_;
    store::Readers& readers_;
    log::Log log_;
    std::shared_ptr<const Loaded> loaded_;
    std::shared_ptr<Mailbag> bag_ = std::make_shared<Mailbag>();
    const Outbound& outbound_;
    std::set<std::string> fetching_;            // names
    std::map<std::string, base::Tick> warned_;  // of its end, by name
    std::function<void(std::shared_ptr<const discover::AllianceDemands>)> judge_;
    std::shared_ptr<const policy::AllianceSet> told_;
    std::shared_ptr<const policy::AllianceSet> written_;  // whose anchors are in that folder
    std::filesystem::path writtenTo_;
    base::Tick next_{};
};

}  // namespace postseal::app
