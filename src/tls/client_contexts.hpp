// The client's side of TLS: a context for each distinct set of floors (protocols, cipher grade, exclusions,
// groups), made at its first use and kept. The handshake verifies nothing: tls/verify judges when it is done.
// One per core.
#pragma once

#include "base/result.hpp"
#include "record/requirement.hpp"
#include "tls/handles.hpp"
#include "tls/identity.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace postseal::tls {

/// Which key exchange groups a client offers where no policy names any.
enum class KeyExchange {
    all,       // the hybrid one too, where OpenSSL has it (3.5): safe against decryption later on
    classical  // not that one: what a server asks for then makes a hello larger than a segment (rule 46)
};
/// Whether the two differ here.
bool hasHybridGroups();

class ClientContexts {
public:
    ClientContexts() = default;
    /// `identity` is shown to servers that ask, and proves nothing by itself to them; null: none is.
    explicit ClientContexts(std::shared_ptr<const Identity> identity) : identity_(std::move(identity)) {}

    /// A session that will greet `host`; SNI is the requirement's servername, else the host, none for an
    /// address. The error says which floor leaves nothing to offer. Give it its descriptor or BIOs.
    base::Result<Ssl> newSession(const record::Requirement& requirement, std::string_view host,
                                 KeyExchange keyExchange = KeyExchange::all);

private:
    base::Result<SSL_CTX*> forRequirement(const record::Requirement& requirement, KeyExchange keyExchange);

    std::shared_ptr<const Identity> identity_;
    std::map<std::string, SslContext> contexts_;  // at most `mostContexts`, then begun anew
};

}  // namespace postseal::tls
