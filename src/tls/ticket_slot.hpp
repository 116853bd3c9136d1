// What hangs on a client's SSL object for the sake of resumption: the verdict that an offered session was
// made under, and the latest session that the server gave. Goes when the SSL object goes. Within this room
// only.
#pragma once

#include "tls/verify.hpp"

#include <optional>

namespace postseal::tls {

struct TicketSlot {
    std::optional<Verdict> offered;
    base::Timestamp offeredUntil{};
    SslSession received;
};

/// Made at its first use.
TicketSlot& slotOf(SSL* session);
/// From now on, what the server gives on sessions of this context is laid into their slots.
void collectTickets(SSL_CTX* context);

}  // namespace postseal::tls
