// The keys that a server makes its session tickets with (RFC 5077 §5.5). A ticket of TLS 1.2 gives the
// session to whoever gets its key later, so a key makes tickets for one period only and opens them for one
// more; then it is wiped. Immutable: the next keys are another value. Any thread.
#pragma once

#include "base/secret.hpp"

#include <openssl/types.h>

#include <array>
#include <memory>

namespace postseal::tls {

class TicketKeys {
public:
    /// Null: no randomness is to be had, so that no ticket is made.
    static std::shared_ptr<const TicketKeys> make();
    /// For the next period: a new key makes tickets, that of this period still opens them.
    static std::shared_ptr<const TicketKeys> next(const std::shared_ptr<const TicketKeys>& present);

    /// Sessions of this context make and open tickets by the keys that each was given; without, they make
    /// none.
    static void serve(SSL_CTX* context);
    /// The session keeps them as long as it lives.
    static void give(SSL* session, std::shared_ptr<const TicketKeys> keys);

private:
    struct Key {
        std::array<unsigned char, 16> name{};
        base::Secret cipher, mac;
    };

    TicketKeys(std::shared_ptr<const Key> current, std::shared_ptr<const Key> previous)
        : current_(std::move(current)), previous_(std::move(previous)) {}

    static std::shared_ptr<const Key> newKey();
    static int useForTicket(SSL* session, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                            EVP_MAC_CTX* mac, int isNew);

    std::shared_ptr<const Key> current_;   // never null
    std::shared_ptr<const Key> previous_;  // null: none
};

}  // namespace postseal::tls
