// Reads the header of a message as its bytes come in, in chunks of any size, and keeps what a relay must
// know: the Message-ID, who it says it is from, how often it was received before, TLS-Required, where the
// header ends (RFC 5322 §2.2, §3.6.4, §4.5; RFC 8689 §3). It changes nothing, refuses nothing, and holds at
// most one short piece of a line. Lines end in CRLF, as the smtp room has made sure (rule 47). Pure; one
// message, one reader.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace postseal::mail {

struct HeaderFacts {
    std::string
        messageId;     // the first one's `<...>`, else its trimmed words; at most 512 bytes; may be empty
    std::string from;  // of the first From field, unfolded, at most 4096 bytes; what it names is not read
    unsigned fromFields = 0;   // more than one is against RFC 5322 §3.6: readers differ in which they show
    unsigned received = 0;     // Received fields
    std::uint64_t bytes = 0;   // of the header, without the empty line; all of the text where there is none
    bool has8bit = false;      // a byte above 127 stands in the header
    bool tlsOptional = false;  // the one TLS-Required field says `No`; another word or a second one is void
    bool isMissing = false;    // the text begins neither with a field nor with the empty line
    bool hasMailboxLine =
        false;  // before the first field stands mbox's `From ` line, plain or quoted (`>From `)

    bool operator==(const HeaderFacts&) const = default;
};

class HeaderReader {
public:
    /// The next bytes of the message; what follows the header is passed over at no cost.
    void take(std::string_view bytes);
    /// The message has ended; facts() are whole from here on even where no empty line came.
    void finish();
    bool isDone() const { return done_; }
    const HeaderFacts& facts() const { return facts_; }

private:
    void takeLine(std::string_view line);
    void endField();

    enum class Kept { none, messageId, tlsRequired, from };

    HeaderFacts facts_;
    std::string partial_;          // the beginning of a line that has not ended; bounded
    std::uint64_t lineBytes_ = 0;  // of that line
    Kept kept_ = Kept::none;       // of which field we are in
    std::string field_;            // its value, unfolded; bounded
    bool hasTlsRequired_ = false;
    bool done_ = false;
};

/// Of a message, or of a header, that is at hand.
HeaderFacts readHeader(std::string_view message);

/// The header of a message that is at hand, with its last CRLF, without the empty line.
std::string_view headerOf(std::string_view message);

}  // namespace postseal::mail
