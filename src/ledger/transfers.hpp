// The transfers of all messages, newest first: for lists and for counts. It reads as far back as it is asked
// to, in short reads, since records stand in the order in which they were written. On a read-only connection;
// blocking.
#pragma once

#include "record/hop.hpp"
#include "store/engine.hpp"

#include <functional>
#include <string>

namespace postseal::ledger {

enum class Search { goOn, end };

struct Back {
    base::Timestamp to{};    // the oldest that are wanted
    std::string words = {};  // in lower case; only records that hold them: an address, for speed. Empty: all
};

/// `see` gets each; those written at nearly the same moment may stand in another order.
base::Result<void> lookBack(store::Engine& engine, const Back& back,
                            const std::function<Search(record::HopRecord)>& see);

/// The recipients who were returned or discarded since then.
base::Result<void> lookAtReturned(store::Engine& engine, base::Timestamp since,
                                  const std::function<void(std::string address, base::Timestamp time)>& see);

}  // namespace postseal::ledger
