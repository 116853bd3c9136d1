// What a session with a client may take: sizes, counts, times. Settings with their defaults; each limit is
// what still passes, one more does not (rule 53). Pure.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace postseal::smtp {

struct Limits {
    std::size_t commandLine =
        2048;  // octets with CRLF; RFC 5321 §4.5.3.1.4 asks for 512 and more by extensions
    // Octets of a line of text without CRLF. RFC 5321 §4.5.3.1.6 asks for 998; Postfix takes any length, so
    // mail with longer lines is about, and refusing it would lose what passed before.
    std::size_t textLine = 65536;
    std::uint64_t messageBytes = 50'000'000;  // RFC 1870 §5: unstuffed, with CRLFs; 0: no limit
    std::size_t recipients = 1000;            // a message; RFC 5321 §4.5.3.1.8 asks for 100
    std::size_t commands = 2000;  // from one accepted message to the next; must exceed `recipients`
    std::size_t errors = 20;      // 5xx replies from one accepted message to the next
};

/// RFC 5321 §4.5.3.2, seen from the server.
struct Deadlines {
    std::chrono::seconds command{300};    // from our reply to the end of the client's next command line
    std::chrono::seconds write{300};      // until the client has taken our replies
    std::chrono::seconds handshake{60};   // TLS
    std::chrono::seconds dataBlock{180};  // from one block of text to the next
    std::uint64_t leastDataRate = 500;    // octets a second over the whole text, after the first dataBlock
    std::chrono::seconds goodbye{10};     // for a last 421

    /// Each wait cut to `most`.
    Deadlines cappedAt(std::chrono::seconds most) const {
        return {std::min(command, most),   std::min(write, most), std::min(handshake, most),
                std::min(dataBlock, most), leastDataRate,         std::min(goodbye, most)};
    }
};

}  // namespace postseal::smtp
