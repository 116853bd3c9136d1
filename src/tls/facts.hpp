// The facts of a finished handshake, for records, logs and headers: IANA's names of cipher and group, the
// peer's certificate, and by what it was proven.
#pragma once

#include "record/tls_facts.hpp"
#include "tls/verify.hpp"

namespace postseal::tls {

record::TlsFacts factsOf(SSL* session, const Verdict& verdict);

}  // namespace postseal::tls
