// The text of a message: between DATA's 354 and the final dot (RFC 5321 §4.5.2), in both directions, where
// the decoder takes the stuffed dots out and finds the end and the encoder puts them in; and in the chunks of
// BDAT (RFC 3030), which are taken as they are, with an eye on their lines. All of them stream, keep nothing
// but a few octets of state, and give the same in whatever pieces the text comes. CRLF alone ends a line and
// CRLF.CRLF alone ends a message (rule 47). Any octet may stand in a line, NUL and 8-bit included. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace postseal::smtp {

enum class TextFault { none, bareLf, bareCr, lineTooLong };

/// What is wrong with the lines of a text, told of them part by part.
class LineWatch {
public:
    /// Counts octets without CRLF and without a stuffed dot.
    explicit LineWatch(std::size_t longestLine) : longestLine_(longestLine) {}

    /// The next octets of a line, without the CRLF that ends it: each CR among them is bare.
    void take(std::string_view part);
    void endLine() { lineBytes_ = 0; }
    void foundBareLf() { bareLf_ = true; }
    /// So far; of several the first of the enumeration.
    TextFault fault() const;

private:
    std::size_t longestLine_;
    std::size_t lineBytes_ = 0;
    bool bareLf_ = false, bareCr_ = false, lineTooLong_ = false;
};

class DataDecoder {
public:
    struct Decoded {
        std::string_view text;     // a view into the input, without stuffing; may be empty
        std::size_t consumed = 0;  // what comes after it must stand at the front of the next input
        bool ended = false;        // the final dot is consumed; what follows is not the message's
    };

    explicit DataDecoder(std::size_t longestLine) : watch_(longestLine) {}

    /// Call it again with the rest until it consumes nothing; then with the rest and more behind it. At most
    /// two octets are ever left unconsumed.
    Decoded decode(std::string_view input);

    /// What was wrong so far. The text goes on to its proper end, so that no smuggled tail becomes commands,
    /// but must be refused then.
    TextFault fault() const { return watch_.fault(); }

private:
    LineWatch watch_;
    bool atLineStart_ = true;
};

class ChunkLines {
public:
    explicit ChunkLines(std::size_t longestLine) : watch_(longestLine) {}

    /// The next octets of the text, whatever chunk they stand in: a line, and even its CRLF, may span two.
    void take(std::string_view text);
    bool isAtLineStart() const { return atLineStart_; }
    /// The text has ended in the midst of a line, and CRLF is put behind it: a CR that stands there is bare.
    void endLine();
    TextFault fault() const { return watch_.fault(); }

private:
    LineWatch watch_;
    bool atLineStart_ = true;
    bool heldCr_ = false;  // the last octet was a CR
};

class DataEncoder {
public:
    /// Where the text ends is told by a dot (DATA), or by a count of octets (BDAT, RFC 3030 §2).
    enum class Framing { dot, counted };
    explicit DataEncoder(Framing framing = Framing::dot) : framing_(framing) {}

    /// Appends `text`, with stuffed dots where a dot ends it. A bare CR or LF becomes CRLF: it is never
    /// passed on (rule 47).
    void encode(std::string_view text, std::string& out);
    /// Appends the end: CRLF if the last line lacks it, and the final dot.
    void finish(std::string& out);

private:
    Framing framing_;
    bool atLineStart_ = true;
    bool heldCr_ = false;  // a CR at the end of the last chunk, not written yet
};

}  // namespace postseal::smtp
