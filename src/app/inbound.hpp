// Mail that comes in: what sessions share on each core and among all, and the front `mx`.
#pragma once

#include "app/delivery.hpp"
#include "app/file_stamp.hpp"
#include "app/front.hpp"
#include "app/list_watch.hpp"
#include "app/resident.hpp"
#include "receive/arrival_memory.hpp"
#include "receive/client_names.hpp"
#include "receive/rates.hpp"
#include "receive/session.hpp"
#include "task/per_core.hpp"

#include <optional>

namespace postseal::app {

class Inbound final : public Resident {
public:
    Inbound(const Ground& ground, const std::shared_ptr<const Loaded>& loaded, Delivery& delivery,
            ledger::RefusedMails& refused);

    Front front();
    /// Of whose members' mail alliances demand something; null: none is joined.
    void adoptAlliances(std::shared_ptr<const discover::AllianceDemands> alliances);

    Done open() override { return lookAtMap(); }
    Done tick(const Now& /*now*/) override { return lookAtMap(); }
    void adopt(const std::shared_ptr<const Loaded>& loaded) override;
    std::vector<std::string> needsRestart(const config::Settings&, const config::Settings&) const override {
        return {};
    }

private:
    using Sites = std::vector<std::shared_ptr<const receive::Site>>;
    struct Part {
        Part(const Ground& ground, task::Core& core, Inbound& inbound, Delivery& delivery,
             ledger::RefusedMails& refused, const Loaded& loaded);

        receive::ClientNames names;
        receive::ReceivingServices services;
        Sites sites;  // of each listener
    };

    Done lookAtMap();
    Done readMap();
    void postPolicy();

    task::Cores& cores_;
    log::Log log_;
    std::shared_ptr<const Loaded> loaded_;
    std::shared_ptr<const policy::InboundMap> map_;  // null: there was no good one yet
    std::optional<FileStamp> mapStamp_ = {};         // as it was last read
    Done mapRead_ = {};                              // what became of it
    ListWatch anchors_ = {};                         // the map's tafiles
    std::shared_ptr<const discover::AllianceDemands> alliances_ = {};
    receive::Rates rates_;
    receive::ArrivalMemory arrivalMemory_;
    task::PerCore<Part> parts_;
};

}  // namespace postseal::app
