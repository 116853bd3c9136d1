// What `postseal check --inbound` prints. Pure: what was found in, text out.
#pragma once

#include "app/inbound_check.hpp"

#include <string>

namespace postseal::cli {

std::string toJson(const app::InboundChecked& checked);
std::string forPeople(const app::InboundChecked& checked);

}  // namespace postseal::cli
