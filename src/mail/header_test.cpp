#include "mail/header.hpp"

#include "mail/loop.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace postseal::mail;

namespace {

struct Row {
    std::string_view why;
    std::string text;
    std::string_view messageId;
    unsigned received;
    std::size_t headerBytes;  // npos: all
};

const Row rows[] = {
    {"usual", "Received: a\r\n\tb\r\nReceived: c\r\nMessage-ID: <x@y>\r\n\r\nReceived: body\r\n", "<x@y>", 2,
     49},
    {"any case, obsolete space before the colon", "RECEIVED : a\r\nmessage-id:<x@y>\r\n\r\n", "<x@y>", 1, 32},
    {"folded id", "Message-ID:\r\n <x@y>\r\n\r\n", "<x@y>", 0, 21},
    {"comment beside the id", "Message-ID: (why) <x@y> (so)\r\n\r\n", "<x@y>", 0, 30},
    {"an id without brackets", "Message-ID:  x@y \r\n\r\n", "x@y", 0, 19},
    {"the first of two ids", "Message-ID: <a@b>\r\nMessage-ID: <c@d>\r\n\r\n", "<a@b>", 0, 38},
    {"no header at all", "\r\nReceived: body\r\n", "", 0, 0},
    {"a line that is no field ends the header", "Received: a\r\njust text\r\nReceived: b\r\n", "", 1, 13},
    {"a space in the name is no field", "Received: a\r\nRe ceived: b\r\n", "", 1, 13},
    {"a line that continues nothing", " odd\r\nReceived: a\r\n", "", 0, 0},
    {"no empty line", "Received: a\r\nMessage-ID: <x@y>\r\n", "<x@y>", 1, std::string::npos},
    {"no line end at all", "Message-ID: <x@y>", "<x@y>", 0, std::string::npos},
    {"the first line of mbox", "From x Mon\r\nReceived: a\r\n\r\n", "", 1, 25},
    {"the same quoted", ">From x Mon 10:00\r\nReceived: a\r\n\r\n", "", 1, 32},
    {"elsewhere it ends the header", "Received: a\r\n>From x Mon\r\nReceived: b\r\n", "", 1, 13},
    {"From with an obsolete space", "From : x\r\nReceived: a\r\n\r\n", "", 1, 23},
    {"empty", "", "", 0, 0},
    {"a name that only begins so", "Received-SPF: pass\r\nX-Received: a\r\n\r\n", "", 0, 35},
    {"a long field", "Subject: " + std::string(20'000, 'x') + "\r\nReceived: a\r\n\r\n", "", 1, 20'024},
};

}  // namespace

TEST_CASE("header: what a relay must know, in any split of the bytes") {
    for (const auto& row : rows) {
        INFO(row.why);
        const auto whole = readHeader(row.text);
        CHECK(whole.messageId == row.messageId);
        CHECK(whole.received == row.received);
        CHECK(whole.bytes == (row.headerBytes == std::string::npos ? row.text.size() : row.headerBytes));
        for (std::size_t chunk = 1; chunk < 40; chunk += 3) {
            HeaderReader reader;
            for (std::size_t at = 0; at < row.text.size(); at += chunk)
                reader.take(std::string_view(row.text).substr(at, chunk));
            reader.finish();
            CHECK(reader.facts() == whole);
        }
    }
}

TEST_CASE("RFC 5322 §2.2: a mailbox's first line is no field, and told apart from one") {
    struct Row {
        const char* text;
        bool want;
    };
    for (const auto& row :
         {Row{"From x Mon 10:00\r\nA: b\r\n\r\n", true}, Row{">From x Mon\r\nA: b\r\n\r\n", true},
          Row{"From : x\r\n\r\n", false}, Row{"From: x\r\n\r\n", false}, Row{"A: b\r\nFrom x Mon\r\n", false},
          Row{"From\r\n", false}, Row{"", false}}) {
        INFO(std::string(row.text));
        CHECK(readHeader(row.text).hasMailboxLine == row.want);
    }
}

TEST_CASE("RFC 5322 §3.6: who the header says the message is from") {
    const auto facts =
        readHeader("FROM: Kim\r\n <kim@example.org>\r\nSubject: x\r\nFrom: eve@far.example\r\n\r\n");
    CHECK(facts.from == "Kim <kim@example.org>");
    CHECK(facts.fromFields == 2);
    CHECK(readHeader("From: " + std::string(9000, 'x') + "\r\n\r\n").from.size() <= 4096);
    CHECK(readHeader("Subject: x\r\n\r\nFrom: body\r\n").fromFields == 0);
}

TEST_CASE("header: a text that begins with no field has no header") {
    CHECK(readHeader(" odd\r\nReceived: a\r\n").isMissing);
    CHECK(readHeader("just text\r\n").isMissing);
    CHECK_FALSE(readHeader("").isMissing);
    CHECK_FALSE(readHeader("\r\nbody\r\n").isMissing);
    CHECK_FALSE(readHeader("A: b\r\njust text\r\n").isMissing);
}

TEST_CASE("header: a giant Message-ID is cut, 8-bit bytes are seen") {
    const auto giant = readHeader("Message-ID: <" + std::string(100'000, 'a') + ">\r\n\r\n");
    CHECK(giant.messageId.size() == 512);
    CHECK(readHeader("Subject: \xe9\r\n\r\n").has8bit);
    CHECK_FALSE(readHeader("Subject: e\r\n\r\n\xe9").has8bit);
    CHECK(headerOf("A: b\r\n\r\nbody") == "A: b\r\n");
}

TEST_CASE("rule 32: TLS-Required counts once, and only as `No` (RFC 8689 §3)") {
    struct Field {
        std::string_view why;
        std::string text;
        bool optional;
    };
    const std::string no = "TLS-Required: No\r\n";
    const Field fields[] = {
        {"the one value", no, true},
        {"any case: ABNF's strings have none (RFC 5234 §2.3)", "tls-required:NO\r\n", true},
        {"FWS", "TLS-Required:\r\n No\r\n", true},
        {"among others", "Subject: x\r\n" + no + "Message-ID: <x@y>\r\n", true},
        {"another value", "TLS-Required: Yes\r\n", false},
        {"none", "TLS-Required:\r\n", false},
        {"more than the value", "TLS-Required: No, really\r\n", false},
        {"a comment is none of it", "TLS-Required: No (why)\r\n", false},
        {"two are malformed", no + no, false},
        {"whatever the second says", no + "TLS-Required: Yes\r\n", false},
        {"or the first", "TLS-Required: Yes\r\n" + no, false},
        {"nor does a third make it well", no + no + no, false},
        {"in the body", "Subject: x\r\n\r\n" + no, false},
        {"another name", "X-TLS-Required: No\r\n", false},
    };
    for (const auto& field : fields) {
        INFO(field.why);
        CHECK(readHeader(field.text + "\r\nbody\r\n").tlsOptional == field.optional);
        for (std::size_t chunk = 1; chunk < 20; chunk += 3) {
            HeaderReader reader;
            for (std::size_t at = 0; at < field.text.size(); at += chunk)
                reader.take(std::string_view(field.text).substr(at, chunk));
            reader.finish();
            CHECK(reader.facts().tlsOptional == field.optional);
        }
    }
}

TEST_CASE("rule 53: hops at the limit pass, one more does not") {
    HeaderFacts facts;
    facts.received = 49;
    CHECK_FALSE(isLooping(facts, 50));
    facts.received = 50;
    CHECK_FALSE(isLooping(facts, 50));
    facts.received = 51;
    CHECK(isLooping(facts, 50));
}
