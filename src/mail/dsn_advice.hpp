// Plain words for a failed delivery: what happened, whose matter it is, what to do (RFC 3463's codes in
// mind).
#pragma once

#include "mail/dsn.hpp"

#include <string>

namespace postseal::mail {

struct Advice {
    std::string happened;
    std::string matter;
    std::string todo;
};

Advice adviceFor(const FailedRecipient& recipient);

}  // namespace postseal::mail
