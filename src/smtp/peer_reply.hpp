// What a peer's server says, read as it arrives in any chunks (RFC 5321 §4.2, RFC 2034, RFC 3463). Strict:
// CRLF alone ends a line, all lines of a reply bear one code, and a reply ends at 64 KiB or 128 lines (rule
// 49); what breaks this is no reply at all. The text is foreign: escape it before it is shown. Pure.
#pragma once

#include "base/result.hpp"
#include "record/status.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace postseal::smtp {

struct PeerReply {
    int code = 0;          // 200 to 599
    std::string enhanced;  // "5.1.1", of the first line that bears one; empty: none of its code's class
    std::string text;      // without codes; lines are parted by '\n'

    bool isPositive() const { return code < 300; }
    bool isIntermediate() const { return code >= 300 && code < 400; }
    bool isTemporary() const { return code >= 400 && code < 500; }
    bool isPermanent() const { return code >= 500; }
    bool operator==(const PeerReply&) const = default;
};

/// `550 5.1.1 No such user`: one line, escaped and bounded, for logs, records and bounces.
std::string toText(const PeerReply& reply);

/// The status for a DSN: the enhanced code, or what the code alone says: `5.0.0`.
record::Status statusOf(const PeerReply& reply);

class PeerReplyReader {
public:
    static constexpr std::size_t mostBytes = 65536;
    static constexpr std::size_t mostLines = 128;

    /// Takes octets from the front of `input`, up to the end of the reply under way. A reply: it is whole,
    /// `input` is what follows it. Nothing: all was taken, more is to come. An error: what the peer did
    /// wrong, for people; the reader is of no more use then.
    base::Result<std::optional<PeerReply>, std::string> take(std::string_view& input);

private:
    base::Result<bool, std::string> addLine(std::string_view line);

    PeerReply reply_;
    std::string partial_;  // a line that came without its end so far
    std::size_t bytes_ = 0;
    std::size_t lines_ = 0;
};

}  // namespace postseal::smtp
