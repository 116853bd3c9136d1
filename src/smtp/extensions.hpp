// The service extensions that Postseal knows (RFC 5321 §2.2), one list for both sides: what our server offers
// in its EHLO reply, and what a peer's EHLO reply offers to our client. Unknown keywords are ignored. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postseal::smtp {

struct Extensions {
    bool pipelining = false;                 // RFC 2920
    bool startTls = false;                   // RFC 3207
    bool eightBitMime = false;               // RFC 6152
    bool enhancedStatusCodes = false;        // RFC 2034
    bool dsn = false;                        // RFC 3461
    bool smtpUtf8 = false;                   // RFC 6531
    bool chunking = false;                   // RFC 3030; without BINARYMIME, which we never use
    bool requireTls = false;                 // RFC 8689: means something only where it is offered in TLS
    std::optional<std::uint64_t> size = {};  // RFC 1870: offered; 0 says that no limit is told

    bool operator==(const Extensions&) const = default;
};

/// What stands after the code on each EHLO line but the first, in the order in which we offer them.
std::vector<std::string> toLines(const Extensions& extensions);

/// Notes what one line of an EHLO reply (without its code) offers. A keyword with arguments that it can't
/// have is ignored; of a repeated keyword the last counts.
void addLine(Extensions& extensions, std::string_view line);

}  // namespace postseal::smtp
