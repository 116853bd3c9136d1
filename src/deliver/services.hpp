// What delivery needs of the house. One set for each core; what is referred to outlives the dispatchers. The
// snapshots are replaced whole, on the core, when the configuration is reloaded.
#pragma once

#include "deliver/report_rates.hpp"
#include "deliver/settings.hpp"
#include "directory/directory.hpp"
#include "discover/destination.hpp"
#include "discover/memory_store.hpp"
#include "log/sink.hpp"
#include "net/smtp_client.hpp"
#include "queue/body.hpp"
#include "queue/id.hpp"
#include "store/writer.hpp"

#include <cstddef>
#include <memory>

namespace postseal::deliver {

struct DeliveryServices {
    store::Writer& writer;
    queue::Bodies& bodies;
    queue::IdMaker& ids;
    discover::Destinations& destinations;
    net::SmtpDialer& dialer;
    ReportRates& reportRates;
    log::Log log;
    std::shared_ptr<const Settings> settings;
    std::shared_ptr<const directory::Directory> directory;
    discover::MemoryStore* memory = nullptr;  // none: nothing is remembered
    std::size_t connections = 1000;           // this core's share of Settings::connections
};

}  // namespace postseal::deliver
