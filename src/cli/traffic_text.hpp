// What `postseal report traffic` prints for people: a line for each domain, day or operator, out before in,
// and the shares of what crossed a network. Pure.
#pragma once

#include "ledger/traffic.hpp"

#include <string>
#include <vector>

namespace postseal::cli {

/// `since` may be the beginning of time: all that is kept.
std::string forPeople(const std::vector<ledger::TrafficRow>& rows, ledger::TrafficBy by,
                      base::Timestamp since, const ledger::PolicyAnswers& answers);

}  // namespace postseal::cli
