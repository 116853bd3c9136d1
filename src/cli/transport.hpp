// The transport record of a message as `postseal trace` tells it to people: what became of each recipient,
// and for each hop with whom, what was demanded, what was found and what happened; and a list of transfers, a
// line each. Pure: records in, text out.
#pragma once

#include "ledger/search.hpp"

#include <string>
#include <vector>

namespace postseal::cli {

std::string forPeople(const std::vector<ledger::TransportRecord>& transports);

/// The heading and a transfer's line of a list.
std::string transferHead();
std::string transferLine(const record::HopRecord& hop);

}  // namespace postseal::cli
