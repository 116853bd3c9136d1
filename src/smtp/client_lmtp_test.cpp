#include "smtp/client_session.hpp"

#include "smtp/client_table_test.hpp"

#include <doctest/doctest.h>

namespace postseal::smtp {

using namespace test;

TEST_CASE("RFC 2033: LMTP") {
    const auto lmtp = Dialect::lmtp;
    const std::string lhlo = "LHLO client.example\r\n";
    const std::string pipes = "250-mx\r\n250 PIPELINING\r\n";
    const std::string chunks = "250-mx\r\n250-PIPELINING\r\n250 CHUNKING\r\n";
    const std::string groupOfTwo =
        "MAIL FROM:<from@example.net>\r\nRCPT TO:<a@x.org>\r\nRCPT TO:<b@x.org>\r\n";
    const Row rows[] = {
        {"RFC 2033: LMTP answers for each accepted recipient",
         {.peer = {"220 mx\r\n", "250-mx\r\n250 PIPELINING\r\n", ok + ok + "550 no\r\n" + ok + go,
                   ok + "452 full\r\n"},
          .envelopes = {envelopeTo({"a@x.org", "b@x.org", "c@x.org"})},
          .dialect = Dialect::lmtp},
         "LHLO client.example\r\nMAIL FROM:<from@example.net>\r\nRCPT TO:<a@x.org>\r\nRCPT TO:<b@x.org>\r\n"
         "RCPT TO:<c@x.org>\r\nDATA\r\n" +
             text + quit,
         {"a delivered 2.0.0", "b bounced 5.0.0", "c deferred 4.0.0"},
         ""},
        {"LMTP has no HELO",
         {.peer = {"220 mx\r\n", "550 5.0.1 no\r\n"}, .dialect = Dialect::lmtp},
         "LHLO client.example\r\n" + quit,
         {},
         "permanent 5.0.1"},
        {"all refused: no text (RFC 2033 §4.2: 503 to DATA)",
         {.peer = {"220 mx\r\n", pipes, ok + "550 5.1.1 no\r\n" + "503 5.5.1 no\r\n"}, .dialect = lmtp},
         lhlo + group + quit,
         {"a bounced 5.1.1"},
         ""},
        {"354 without a recipient is out of step",
         {.peer = {"220 mx\r\n", pipes, ok + "550 5.1.1 no\r\n" + go}, .dialect = lmtp},
         lhlo + group,
         {"a bounced 5.1.1"},
         "violation 4.5.0"},
        {"each reply after the dot is one recipient's: 552 at the dot is a full mailbox, for good",
         {.peer = {"220 mx\r\n", pipes, ok + ok + ok + go, "552 5.2.2 full\r\n452 4.2.2 full\r\n"},
          .envelopes = {envelopeTo({"a@x.org", "b@x.org"})},
          .dialect = lmtp},
         lhlo + groupOfTwo + "DATA\r\n" + text + quit,
         {"a bounced 5.2.2", "b deferred 4.2.2"},
         ""},
        {"a refused recipient has no reply after the dot",
         {.peer = {"220 mx\r\n", pipes, ok + "550 5.1.1 no\r\n" + ok + go, ok},
          .envelopes = {envelopeTo({"a@x.org", "b@x.org"})},
          .dialect = lmtp},
         lhlo + groupOfTwo + "DATA\r\n" + text + quit,
         {"a bounced 5.1.1", "b delivered 2.0.0"},
         ""},
        {"a reply too few: nobody is believed to be served, and it is not tried elsewhere",
         {.peer = {"220 mx\r\n", pipes, ok + ok + ok + go, ok},
          .envelopes = {envelopeTo({"a@x.org", "b@x.org"})},
          .dialect = lmtp},
         lhlo + groupOfTwo + "DATA\r\n" + text,
         {"a deferred 4.4.2", "b deferred 4.4.2"},
         "temporary 4.4.2"},
        {"a reply too many",
         {.peer = {"220 mx\r\n", pipes, ok + ok + go, ok + ok}, .dialect = lmtp},
         lhlo + group + text,
         {"a deferred 4.5.0"},
         "violation 4.5.0"},
        {"421 in the midst of the replies",
         {.peer = {"220 mx\r\n", pipes, ok + ok + ok + go, ok + "421 4.3.2 down\r\n"},
          .envelopes = {envelopeTo({"a@x.org", "b@x.org"})},
          .dialect = lmtp},
         lhlo + groupOfTwo + "DATA\r\n" + text,
         {"a deferred 4.3.2", "b deferred 4.3.2"},
         "temporary 4.3.2"},
        {"BDAT: the last chunk has a reply for each recipient",
         {.peer = {"220 mx\r\n", chunks, ok + ok + ok, ok + "452 4.2.2 full\r\n"},
          .envelopes = {envelopeTo({"a@x.org", "b@x.org"})},
          .dialect = lmtp},
         lhlo + groupOfTwo + "BDAT 10 LAST\r\nHi\r\n.dot\r\n" + quit,
         {"a delivered 2.0.0", "b deferred 4.2.2"},
         ""},
        {"BDAT: no chunk leaves before the reply to the one before",
         {.peer = {"220 mx\r\n", chunks, ok + ok + ok, "452 4.3.1 disk\r\n"},
          .envelopes = {envelopeTo({"a@x.org", "b@x.org"})},
          .dialect = lmtp,
          .text = {std::string(70'000, 'x'), "end\r\n"}},
         lhlo + groupOfTwo + "BDAT 70000\r\n" + std::string(70'000, 'x') + quit,
         {"a deferred 4.3.1", "b deferred 4.3.1"},
         ""},
    };
    check(rows);
}

}  // namespace postseal::smtp
