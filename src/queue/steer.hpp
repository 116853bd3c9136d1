// The administrator's hand on the queue: retry, hold, release, delete, by a second, short writer beside the
// server or without one. What a server delivers right now is refused. Rows and counters change together, in
// transactions so short, with pauses between them, that the server's writer never waits long. Blocking.
#pragma once

#include "queue/look.hpp"
#include "store/batch.hpp"
#include "store/readers.hpp"
#include "store/writer.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace postseal::queue {

enum class Steer {
    retry,    // who waits is due now
    hold,     // waits until it is released; nothing expires meanwhile
    release,  // what was held is due now
    remove,   // out of the queue, queued or held; nobody is told
};
/// Whether it is anything to do for that recipient, apart from its being in delivery.
bool applies(Steer steer, State state);

struct Order {
    Steer steer = Steer::retry;
    base::Timestamp now{};
    std::filesystem::path dataDir;  // of the body files
    /// Appended to what changes a recipient: its record, which is the ledger's.
    std::function<void(store::Batch&, const Listed&, const ListedRecipient&)> record = {};
};

struct Refused {
    record::QueueId id;
    std::string address;
};
struct Steered {
    std::int64_t messages = 0;    // of which a recipient changed
    std::int64_t recipients = 0;  // that changed
    std::vector<Refused> inDelivery = {};
};
/// Does it for the recipients of `chosen` to which it applies. Who was settled meanwhile is passed over. Of
/// an error it is not known how much was done before it; to repeat the order is right.
base::Result<Steered> steer(store::Engine& engine, const Order& order, const std::vector<Listed>& chosen);

/// For the server, once a second: the next hops for which an administrator made mail due since it last asked,
/// each perhaps several times. PRAGMA data_version would not do: our own commits change it, too.
base::Result<std::vector<std::string>> takeSteered(store::Readers& readers, store::Writer& writer);

}  // namespace postseal::queue
