#include "smtp/client_session.hpp"

#include "smtp/client_table_test.hpp"

#include <doctest/doctest.h>

namespace postseal::smtp {

using namespace test;

namespace {

const std::string chunking = "250-mx\r\n250-PIPELINING\r\n250 CHUNKING\r\n";
const std::string envelope = helo + "MAIL FROM:<from@example.net>\r\nRCPT TO:<a@example.org>\r\n";
const std::string two = ok + ok;  // to MAIL and RCPT
const std::string part(40'000, 'x');

/// Two chunks: 80,000 octets and 7.
Play large(Strings afterEnvelope) {
    Play play{.peer = {"220 mx\r\n", chunking, two}, .text = {part, part, ".end", "\r\n"}};
    play.envelopes = {envelopeTo({"a@example.org"})};
    play.envelopes[0].declaredBytes = {};
    play.peer.insert(play.peer.end(), afterEnvelope.begin(), afterEnvelope.end());
    return play;
}

const std::string first = "BDAT 80000\r\n" + part + part;
const std::string last = "BDAT 6 LAST\r\n.end\r\n";

}  // namespace

TEST_CASE("RFC 3030 §2: text leaves in chunks where the host takes them, octet for octet") {
    const Row rows[] = {
        {"one chunk; dots stand as they are",
         {.peer = {"220 mx\r\n", chunking, two, ok}},
         envelope + "BDAT 10 LAST\r\nHi\r\n.dot\r\n" + quit,
         {"a delivered 2.0.0"},
         ""},
        {"a last line without its end gets one, as with DATA",
         {.peer = {"220 mx\r\n", chunking, two, ok}, .text = {"Hi"}},
         envelope + "BDAT 4 LAST\r\nHi\r\n" + quit,
         {"a delivered 2.0.0"},
         ""},
        {"a CRLF parted by the chunks of our own disk",
         {.peer = {"220 mx\r\n", chunking, two, ok}, .text = {"Hi\r", "\n.\r\n", ""}},
         envelope + "BDAT 7 LAST\r\nHi\r\n.\r\n" + quit,
         {"a delivered 2.0.0"},
         ""},
        {"no text at all",
         {.peer = {"220 mx\r\n", chunking, two, ok}, .text = {""}},
         envelope + "BDAT 0 LAST\r\n" + quit,
         {"a delivered 2.0.0"},
         ""},
        {"8-bit octets and NUL count as octets",
         {.peer = {"220 mx\r\n", chunking, two, ok}, .text = {std::string("\xff\0\r\n", 4)}},
         envelope + "BDAT 4 LAST\r\n" + std::string("\xff\0\r\n", 4) + quit,
         {"a delivered 2.0.0"},
         ""},
        {"several chunks, one after the other",
         large({ok, ok}),
         envelope + first + last + quit,
         {"a delivered 2.0.0"},
         ""},
        {"the replies may come late",
         large({"", two}),
         envelope + first + last + quit,
         {"a delivered 2.0.0"},
         ""},
        {"without PIPELINING each is waited for",
         {.peer = {"220 mx\r\n", "250-mx\r\n250 CHUNKING\r\n", ok, ok, ok, ok},
          .text = {part, part, ".end\r\n"}},
         envelope + first + last + quit,
         {"a delivered 2.0.0"},
         ""},
        {"the key",
         {.peer = {"220 mx\r\n", chunking, two + go, ok},
          .settings = {.heloName = "client.example", .chunking = false}},
         envelope + "DATA\r\n" + text + quit,
         {"a delivered 2.0.0"},
         ""},
        {"nobody is left: no text",
         {.peer = {"220 mx\r\n", chunking, ok + "550 5.1.1 no\r\n"}},
         envelope + quit,
         {"a bounced 5.1.1"},
         ""},
        {"CHUNKING offered in clear text is forgotten after STARTTLS (RFC 3207 §4.2)",
         {.peer = {"220 mx\r\n", "250-mx\r\n250-STARTTLS\r\n250 CHUNKING\r\n", "220 go\r\n", plain, ok, ok,
                   go, ok}},
         helo + "STARTTLS\r\n<tls>" + helo + group + text + quit,
         {"a delivered 2.0.0"},
         ""},
    };
    check(rows);

    auto known = large({ok});  // its size is: no empty last chunk
    known.text = {part, part.substr(2) + "\r\n", ""};
    known.envelopes[0].declaredBytes = 80'000;
    CHECK(play(known).said == envelope + "BDAT 80000 LAST\r\n" + part + part.substr(2) + "\r\n" + quit);
}

TEST_CASE("RFC 3030 §2: a chunk that is refused fails the text") {
    const auto again = [](Play play) {
        play.envelopes = {envelopeTo({"a@example.org"}), envelopeTo({"b@example.org"})};
        return play;
    };
    const std::string later = "RSET\r\nMAIL FROM:<from@example.net>\r\nRCPT TO:<b@example.org>\r\n";
    const Row rows[] = {
        {"for now: no further chunk, and RSET before the next message",
         again({.peer = {"220 mx\r\n", chunking, two, "452 4.3.1 full\r\n", ok + ok + ok, ok, ok},
                .text = {part, part, ".end\r\n"}}),
         envelope + first + later + first + last + quit,
         {"a deferred 4.3.1", "b delivered 2.0.0"},
         ""},
        {"for good", large({"552 5.3.4 too large\r\n"}), envelope + first + quit, {"a bounced 5.3.4"}, ""},
        {"heard after the last one had left",
         large({"", "552 5.3.4 too large\r\n503 5.5.1 no\r\n"}),
         envelope + first + last + quit,
         {"a bounced 5.3.4"},
         ""},
        {"and believed by nobody when the text is taken then",
         large({"", "552 5.3.4 too large\r\n" + ok}),
         envelope + first + last,
         {"a deferred 4.5.0"},
         "violation 4.5.0"},
        {"the last one, for good",
         large({ok, "550 5.7.1 spam\r\n"}),
         envelope + first + last + quit,
         {"a bounced 5.7.1"},
         ""},
        {"a host that offers it and does not know it: nothing is said of the message",
         {.peer = {"220 mx\r\n", chunking, two, "502 5.5.1 what\r\n"}},
         envelope + "BDAT 10 LAST\r\nHi\r\n.dot\r\n" + quit,
         {"a deferred 4.5.1"},
         "temporary 4.5.1 502 5.5.1 what (to BDAT, though the host offers CHUNKING)"},
        {"but 500 with a reason is one",
         {.peer = {"220 mx\r\n", chunking, two, "500 5.7.1 spam\r\n"}},
         envelope + "BDAT 10 LAST\r\nHi\r\n.dot\r\n" + quit,
         {"a bounced 5.7.1"},
         ""},
        {"421 in the midst",
         large({"421 4.3.2 down\r\n"}),
         envelope + first,
         {"a deferred 4.3.2"},
         "temporary 4.3.2"},
    };
    check(rows);
}

TEST_CASE("rule 50: replies to chunks that are out of step") {
    const Row rows[] = {
        {"one too many", large({ok + ok}), envelope + first, {"a deferred 4.5.0"}, "violation 4.5.0"},
        {"354", large({go}), envelope + first, {"a deferred 4.5.0"}, "violation 4.5.0"},
        {"before the chunk",
         {.peer = {"220 mx\r\n", chunking, two + ok}},
         envelope,
         {"a deferred 4.5.0"},
         "violation 4.5.0"},
        {"behind the last",
         large({ok, ok + "2"}),
         envelope + first + last,
         {"a deferred 4.5.0"},
         "violation 4.5.0"},
        {"lost before the last",
         large({ok, ""}),
         envelope + first + last,
         {"a deferred 4.4.2"},
         "temporary 4.4.2"},
        {"rule 48: the reply that never comes",
         {.peer = {"220 mx\r\n", chunking, two, "\x1f"}},
         envelope + "BDAT 10 LAST\r\nHi\r\n.dot\r\n",
         {"a deferred 4.4.2"},
         "temporary 4.4.2 timed out while we waited for the reply to the text"},
    };
    check(rows);
    CHECK(play(large({ok, ""})).whole->then == SessionFailure::Then::later);
    CHECK(play(large({""})).whole->then == SessionFailure::Then::later);
}

}  // namespace postseal::smtp
