#include "smtp/client_table_test.hpp"

namespace postseal::smtp {

using namespace test;

TEST_CASE(
    "rules 28, 29, 31: REQUIRETLS is said where it is offered in TLS, or nothing is (RFC 8689 §4.2.1)") {
    using enum record::RequireTls;
    const std::string offering = "250-mx\r\n250-PIPELINING\r\n250-DSN\r\n250 REQUIRETLS\r\n";
    const std::string inClear = "250-mx\r\n250-STARTTLS\r\n250 REQUIRETLS\r\n";
    const std::string start = helo + "STARTTLS\r\n<tls>" + helo;
    const std::string rest = "RCPT TO:<a@example.org>\r\nDATA\r\n" + text + quit;
    const auto asked = [](record::RequireTls keyword) {
        auto envelope = envelopeTo({"a@example.org"});
        envelope.requireTls = keyword;
        envelope.returned = record::Returned::whole;
        return envelope;
    };
    const auto peer = [&](const std::string& second) {
        return Strings{"220 mx\r\n", withTls, "220 go\r\n", second, ok + ok + go, ok};
    };
    const Row rows[] = {
        {"offered; and RET=HDRS, whatever was asked (§5)",
         {.level = record::Level::secure, .peer = peer(offering), .envelopes = {asked(must)}},
         start + "MAIL FROM:<from@example.net> REQUIRETLS RET=HDRS\r\n" + rest,
         {"a delivered 2.0.0"},
         ""},
        {"not offered: not a word of the envelope",
         {.level = record::Level::secure, .peer = peer(pipelining), .envelopes = {asked(must)}},
         start + quit,
         {"a bounced 5.7.30"},
         ""},
        {"offered in clear only, where anyone can say it",
         {.level = record::Level::secure,
          .peer = {"220 mx\r\n", inClear, "220 go\r\n", pipelining},
          .envelopes = {asked(must)}},
         start + quit,
         {"a bounced 5.7.30"},
         ""},
        {"never without TLS, whatever the requirement would permit",
         {.level = record::Level::none, .peer = {"220 mx\r\n", offering}, .envelopes = {asked(must)}},
         helo + quit,
         {"a bounced 5.7.30"},
         ""},
        {"the connection serves the next message",
         {.level = record::Level::secure,
          .peer = peer("250-mx\r\n250 PIPELINING\r\n"),
          .envelopes = {asked(must), envelopeTo({"a@example.org"})}},
         start + "MAIL FROM:<from@example.net>\r\n" + rest,
         {"a bounced 5.7.30", "a delivered 2.0.0"},
         ""},
        {"a relaxed one: said where it is offered",
         {.level = record::Level::encrypt, .peer = peer(offering), .envelopes = {asked(whereOffered)}},
         start + "MAIL FROM:<from@example.net> REQUIRETLS RET=HDRS\r\n" + rest,
         {"a delivered 2.0.0"},
         ""},
        {"and left out where it is not",
         {.level = record::Level::encrypt, .peer = peer(pipelining), .envelopes = {asked(whereOffered)}},
         start + "MAIL FROM:<from@example.net> SIZE=100\r\n" + rest,
         {"a delivered 2.0.0"},
         ""},
        {"nor is it said in clear",
         {.level = record::Level::none,
          .peer = {"220 mx\r\n", offering, ok + ok + go, ok},
          .envelopes = {asked(whereOffered)}},
         helo + "MAIL FROM:<from@example.net> RET=HDRS\r\n" + rest,
         {"a delivered 2.0.0"},
         ""},
        {"nobody asks for it",
         {.level = record::Level::secure, .peer = peer(offering), .envelopes = {asked(no)}},
         start + "MAIL FROM:<from@example.net> RET=FULL\r\n" + rest,
         {"a delivered 2.0.0"},
         ""},
        {"§2 (7): LMTP says it as well",
         {.level = record::Level::secure,
          .peer = {"220 mx\r\n", withTls, "220 go\r\n", offering, ok + ok + go, ok},
          .envelopes = {asked(must)},
          .dialect = Dialect::lmtp},
         "LHLO client.example\r\nSTARTTLS\r\n<tls>LHLO client.example\r\n"
         "MAIL FROM:<from@example.net> REQUIRETLS RET=HDRS\r\n" +
             rest,
         {"a delivered 2.0.0"},
         ""},
    };
    check(rows);
}

}  // namespace postseal::smtp
