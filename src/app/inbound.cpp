#include "app/inbound.hpp"

#include "task/spawn.hpp"

#include <utility>

namespace postseal::app {

Inbound::Part::Part(const Ground& ground, task::Core& core, Inbound& inbound, Delivery& delivery,
                    ledger::RefusedMails& refused, Sites itsSites)
    : names(receive::lookUpBy(ground.resolver)),
      services{
          .core = core,
          .log = ground.log.as("smtpd"),
          .writer = ground.writer,
          .bodies = delivery.bodies(),
          .ids = delivery.ids(),
          .rates = inbound.rates_,
          .memory = inbound.arrivalMemory_,
          .names = names,
          .queueReady = delivery.isOpen(),
          .handOver = [&delivery](std::vector<queue::Lease> leases) { delivery.handOver(std::move(leases)); },
          .refusedMails = refused},
      sites(std::move(itsSites)) {}

Inbound::Inbound(const Ground& ground, const std::shared_ptr<const Loaded>& loaded, Delivery& delivery,
                 ledger::RefusedMails& refused)
    : cores_(ground.cores), parts_(ground.cores, [&](task::Core& core) {
          return std::make_unique<Part>(ground, core, *this, delivery, refused, loaded->sites);
      }) {}

Front Inbound::front() {
    return [this](std::size_t core, std::size_t listener, net::Connection connection) {
        auto& mine = parts_.on(core);
        task::spawn(cores_[core],
                    receive::serve(&mine.services, mine.sites.at(listener), std::move(connection)),
                    "session");
    };
}

void Inbound::adopt(const std::shared_ptr<const Loaded>& loaded) {
    parts_.forEach([sites = loaded->sites](Part& part) { part.sites = sites; });
}

}  // namespace postseal::app
