// OpenSSL's error queue as one line for people. The queue belongs to the thread: clear it before a call
// (ERR_clear_error), take it right after the call that failed.
#pragma once

#include <string>

namespace postseal::tls {

/// Empties the queue. The words say what the peer did where OpenSSL's own don't ("the peer does not speak TLS
/// here"); never empty.
std::string takeErrors();

}  // namespace postseal::tls
