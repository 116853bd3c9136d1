// Mail that comes in: what sessions share on each core and among all, and the front `mx`.
#pragma once

#include "app/delivery.hpp"
#include "app/front.hpp"
#include "app/resident.hpp"
#include "receive/arrival_memory.hpp"
#include "receive/client_names.hpp"
#include "receive/rates.hpp"
#include "receive/session.hpp"
#include "task/per_core.hpp"

namespace postseal::app {

class Inbound final : public Resident {
public:
    Inbound(const Ground& ground, const std::shared_ptr<const Loaded>& loaded, Delivery& delivery,
            ledger::RefusedMails& refused);

    Front front();

    void adopt(const std::shared_ptr<const Loaded>& loaded) override;
    std::vector<std::string> needsRestart(const config::Settings&, const config::Settings&) const override {
        return {};
    }

private:
    using Sites = std::vector<std::shared_ptr<const receive::Site>>;
    struct Part {
        Part(const Ground& ground, task::Core& core, Inbound& inbound, Delivery& delivery,
             ledger::RefusedMails& refused, Sites itsSites);

        receive::ClientNames names;
        receive::ReceivingServices services;
        Sites sites;  // of each listener
    };

    task::Cores& cores_;
    receive::Rates rates_;
    receive::ArrivalMemory arrivalMemory_;
    task::PerCore<Part> parts_;
};

}  // namespace postseal::app
