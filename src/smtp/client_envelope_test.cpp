#include "smtp/client_session.hpp"

#include "smtp/client_table_test.hpp"

#include <doctest/doctest.h>

namespace postseal::smtp {

using namespace test;

TEST_CASE("RFC 5321 §3.3, RFC 2920: one transaction") {
    const Row rows[] = {
        {"without extensions, each command waits for its reply",
         {.peer = {"220 mx\r\n", plain, ok, ok, go, ok}},
         helo + group + text + quit,
         {"a delivered 2.0.0"},
         ""},
        {"PIPELINING, SIZE",
         {.peer = {"220 mx\r\n", pipelining, ok + ok + go, ok}},
         helo + sizedGroup + text + quit,
         {"a delivered 2.0.0"},
         ""},
        {"a greeting of several lines",
         {.peer = {"220-mx\r\n220 hi\r\n", pipelining, ok + ok + go, "250\r\n"}},
         helo + sizedGroup + text + quit,
         {"a delivered 2.0.0"},
         ""},
        {"no EHLO: HELO",
         {.peer = {"220 mx\r\n", "502 5.5.1 what\r\n", "250 mx\r\n", ok, ok, go, ok}},
         helo + "HELO client.example\r\n" + group + text + quit,
         {"a delivered 2.0.0"},
         ""},
        {"the null sender",
         {.peer = {"220 mx\r\n", plain, ok, ok, go, ok},
          .envelopes = {record::Envelope{.sender = std::nullopt,
                                         .recipients = {{mailbox("a@example.org")}},
                                         .body = record::BodyType::sevenBit,
                                         .declaredBytes = {}}}},
         helo + "MAIL FROM:<>\r\nRCPT TO:<a@example.org>\r\nDATA\r\n" + text + quit,
         {"a delivered 2.0.0"},
         ""},
        {"8BITMIME where it is offered",
         {.peer = {"220 mx\r\n", pipelining, ok + ok + go, ok},
          .envelopes = {record::Envelope{.sender = std::nullopt,
                                         .recipients = {{mailbox("a@example.org")}},
                                         .body = record::BodyType::eightBitMime,
                                         .declaredBytes = {}}}},
         helo + "MAIL FROM:<> BODY=8BITMIME\r\nRCPT TO:<a@example.org>\r\nDATA\r\n" + text + quit,
         {"a delivered 2.0.0"},
         ""},
        {"8 bits go as they are where it is not",
         {.peer = {"220 mx\r\n", plain, ok, ok, go, ok},
          .envelopes = {record::Envelope{.sender = std::nullopt,
                                         .recipients = {{mailbox("a@example.org")}},
                                         .body = record::BodyType::eightBitMime,
                                         .declaredBytes = {}}},
          .text = {"\xff\r\n"}},
         helo + "MAIL FROM:<>\r\nRCPT TO:<a@example.org>\r\nDATA\r\n\xff\r\n.\r\n" + quit,
         {"a delivered 2.0.0"},
         ""},
        {"RFC 1870: what the peer does not take is not sent",
         {.peer = {"220 mx\r\n", "250-mx\r\n250 SIZE 99\r\n"}},
         helo + quit,
         {"a bounced 5.3.4"},
         ""},
        {"SIZE 0 is no limit",
         {.peer = {"220 mx\r\n", "250-mx\r\n250 SIZE 0\r\n", ok, ok, go, ok}},
         helo + sizedGroup + text + quit,
         {"a delivered 2.0.0"},
         ""},
    };
    check(rows);
}

TEST_CASE("RFC 5321 §4.2: refusals, recipient by recipient") {
    const auto two = envelopeTo({"a@example.org", "b@example.org"});
    const std::string twoGroup = "MAIL FROM:<from@example.net> SIZE=100\r\nRCPT TO:<a@example.org>\r\n"
                                 "RCPT TO:<b@example.org>\r\nDATA\r\n";
    const Strings begin{"220 mx\r\n", pipelining};
    const auto then = [&](Strings more) {
        auto all = begin;
        all.insert(all.end(), more.begin(), more.end());
        return all;
    };
    const Row rows[] = {
        {"one refused for good, one taken",
         {.peer = then({ok + "550 5.1.1 no\r\n" + ok + go, ok}), .envelopes = {two}},
         helo + twoGroup + text + quit,
         {"a bounced 5.1.1", "b delivered 2.0.0"},
         ""},
        {"one refused for now, the text too",
         {.peer = then({ok + "450 4.2.1 later\r\n" + ok + go, "554 5.6.0 spam\r\n"}), .envelopes = {two}},
         helo + twoGroup + text + quit,
         {"a deferred 4.2.1", "b bounced 5.6.0"},
         ""},
        {"RFC 5321 §4.5.3.1.10: 552 at RCPT is 452",
         {.peer = then({ok + ok + "552 5.5.3 too many\r\n" + go, ok}), .envelopes = {two}},
         helo + twoGroup + text + quit,
         {"a delivered 2.0.0", "b deferred 4.5.3"},
         ""},
        {"MAIL refused",
         {.peer = then({"550 5.7.1 you\r\n503 x\r\n503 x\r\n"})},
         helo + sizedGroup + quit,
         {"a bounced 5.7.1"},
         ""},
        {"MAIL refused for now",
         {.peer = then({"451 4.3.0 x\r\n503 x\r\n503 x\r\n"})},
         helo + sizedGroup + quit,
         {"a deferred 4.3.0"},
         ""},
        {"RFC 2920 §3.1: all recipients refused, but DATA not: a lone dot",
         {.peer = then({ok + "550 5.1.1 no\r\n" + go, "554 5.5.1 empty\r\n"})},
         helo + sizedGroup + ".\r\n" + quit,
         {"a bounced 5.1.1"},
         ""},
        {"a peer that takes the lone dot delivered nothing",
         {.peer = then({ok + "550 5.1.1 no\r\n" + go, ok})},
         helo + sizedGroup + ".\r\n" + quit,
         {"a bounced 5.1.1"},
         ""},
        {"DATA refused",
         {.peer = then({ok + ok + "451 4.3.0 disk\r\n"})},
         helo + sizedGroup + quit,
         {"a deferred 4.3.0"},
         ""},
        {"without PIPELINING no DATA follows refused recipients",
         {.peer = {"220 mx\r\n", plain, ok, "550 5.1.1 no\r\n"}},
         helo + "MAIL FROM:<from@example.net>\r\nRCPT TO:<a@example.org>\r\n" + quit,
         {"a bounced 5.1.1"},
         ""},
        {"without PIPELINING no RCPT follows a refused MAIL",
         {.peer = {"220 mx\r\n", plain, "550 no\r\n"}},
         helo + "MAIL FROM:<from@example.net>\r\n" + quit,
         {"a bounced 5.0.0"},
         ""},
        {"421 in between: what is decided stays, the rest is deferred",
         {.peer = then({ok + "550 5.1.1 no\r\n421 4.3.2 down\r\n"}), .envelopes = {two}},
         helo + twoGroup,
         {"a bounced 5.1.1", "b deferred 4.3.2"},
         "temporary 4.3.2 the host ended"},
        {"421 at the final dot",
         {.peer = then({ok + ok + go, "421 down\r\n"})},
         helo + sizedGroup + text,
         {"a deferred 4.0.0"},
         "temporary 4.0.0"},
        {"lost before the final reply",
         {.peer = then({ok + ok + go, "250 2.0.0 o"})},
         helo + sizedGroup + text,
         {"a deferred 4.4.2"},
         "temporary 4.4.2 the connection was lost"},
    };
    check(rows);
}

namespace {

const std::string all = "250-mx\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 DSN\r\n";

record::Mailbox utf8Mailbox(std::string_view text) {
    return *record::Mailbox::parse(text, record::Utf8::allowed);
}

}  // namespace

TEST_CASE("RFC 3461 §5.2.1: what the sender asks to be told goes on, and nothing that was not asked") {
    using record::Notify;
    auto told = envelopeTo({"a@example.org"});
    told.returned = record::Returned::headers;
    told.id = "QQ+1";
    told.recipients = {
        {mailbox("never@x.org"), Notify{true, false, false, false}, "rfc822;Old@Example.org"},
        {mailbox("success@x.org"), Notify{true, true, false, true}},
        {mailbox("known@x.org"), {}, "rfc822;Known@x.org"},
        {mailbox("plain@x.org")},
    };
    const std::string agreed = ok + ok + ok + ok + ok + go;
    const Strings delivered{"never delivered 2.0.0", "success delivered 2.0.0", "known delivered 2.0.0",
                            "plain delivered 2.0.0"};
    const Row rows[] = {
        {"offered",
         {.peer = {"220 mx\r\n", all, agreed, ok}, .envelopes = {told}},
         helo +
             "MAIL FROM:<from@example.net> RET=HDRS ENVID=QQ+2B1\r\n"
             "RCPT TO:<never@x.org> NOTIFY=NEVER ORCPT=rfc822;Old@Example.org\r\n"
             "RCPT TO:<success@x.org> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;success@x.org\r\n"
             "RCPT TO:<known@x.org> ORCPT=rfc822;Known@x.org\r\n"
             "RCPT TO:<plain@x.org>\r\n"
             "DATA\r\n" +
             text + quit,
         delivered,
         ""},
        {"not offered (§5.2.2 a)",
         {.peer = {"220 mx\r\n", "250-mx\r\n250 PIPELINING\r\n", agreed, ok}, .envelopes = {told}},
         helo +
             "MAIL FROM:<from@example.net>\r\nRCPT TO:<never@x.org>\r\nRCPT TO:<success@x.org>\r\n"
             "RCPT TO:<known@x.org>\r\nRCPT TO:<plain@x.org>\r\nDATA\r\n" +
             text + quit,
         delivered,
         ""},
    };
    check(rows);
}

TEST_CASE("RFC 6531 §3.2: what needs SMTPUTF8 goes only where it is offered, 8-bit text as the key says") {
    auto header = envelopeTo({"a@example.org"});
    header.smtpUtf8 = true;
    auto sender = envelopeTo({"a@example.org"});
    sender.sender = utf8Mailbox("jürgen@example.net");
    auto recipient = envelopeTo({});
    recipient.recipients = {{utf8Mailbox("bärbel@bücher.example"), record::Notify{true, true, true, false}}};
    auto eightBit = envelopeTo({"a@example.org"});
    eightBit.body = record::BodyType::eightBitMime;
    const ClientSettings refusing{.heloName = "client.example", .eightBit = EightBitText::refuse};
    const std::string end = "RCPT TO:<a@example.org>\r\nDATA\r\n" + text + quit;
    const Row rows[] = {
        {"the header needs it",
         {.peer = {"220 mx\r\n", all, ok + ok + go, ok}, .envelopes = {header}},
         helo + "MAIL FROM:<from@example.net> SMTPUTF8\r\n" + end,
         {"a delivered 2.0.0"},
         ""},
        {"the sender",
         {.peer = {"220 mx\r\n", all, ok + ok + go, ok}, .envelopes = {sender}},
         helo + "MAIL FROM:<jürgen@example.net> SMTPUTF8\r\n" + end,
         {"a delivered 2.0.0"},
         ""},
        {"a recipient; the domain leaves as A-labels, ORCPT in ASCII (RFC 6533 §3)",
         {.peer = {"220 mx\r\n", all, ok + ok + go, ok}, .envelopes = {recipient}},
         helo +
             "MAIL FROM:<from@example.net> SMTPUTF8\r\nRCPT TO:<bärbel@xn--bcher-kva.example> "
             "NOTIFY=SUCCESS,FAILURE ORCPT=utf-8;b\\x{E4}rbel@xn--bcher-kva.example\r\nDATA\r\n" +
             text + quit,
         {"bärbel delivered 2.0.0"},
         ""},
        {"not offered: not tried",
         {.peer = {"220 mx\r\n", pipelining}, .envelopes = {header}},
         helo + quit,
         {"a bounced 5.6.7"},
         ""},
        {"nor for a sender",
         {.peer = {"220 mx\r\n", pipelining}, .envelopes = {sender}},
         helo + quit,
         {"a bounced 5.6.7"},
         ""},
        {"nor for a recipient",
         {.peer = {"220 mx\r\n", pipelining}, .envelopes = {recipient}},
         helo + quit,
         {"bärbel bounced 5.6.7"},
         ""},
        {"what doesn't need it goes without",
         {.peer = {"220 mx\r\n", all, ok + ok + go, ok}},
         helo + "MAIL FROM:<from@example.net>\r\n" + end,
         {"a delivered 2.0.0"},
         ""},
        {"8-bit text, which the key refuses to hosts without 8BITMIME",
         {.peer = {"220 mx\r\n", plain}, .envelopes = {eightBit}, .settings = refusing},
         helo + quit,
         {"a bounced 5.6.3"},
         ""},
        {"but not to those with it",
         {.peer = {"220 mx\r\n", all, ok + ok + go, ok}, .envelopes = {eightBit}, .settings = refusing},
         helo + "MAIL FROM:<from@example.net> BODY=8BITMIME\r\n" + end,
         {"a delivered 2.0.0"},
         ""},
        {"a second message takes the connection that the first was unfit for",
         {.peer = {"220 mx\r\n", plain, ok, ok, go, ok},
          .envelopes = {header, envelopeTo({"a@example.org"})}},
         helo + group + text + quit,
         {"a bounced 5.6.7", "a delivered 2.0.0"},
         ""},
    };
    check(rows);
}

}  // namespace postseal::smtp
