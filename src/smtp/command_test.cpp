#include "smtp/command.hpp"
#include "smtp/command_counts.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace postseal;
using namespace postseal::smtp;
using namespace std::string_literals;

namespace {

const auto hostname = *base::DomainName::parse("mx.example.org");

// The canonical address, or the code and enhanced code of the refusal.
std::string recipient(std::string_view arguments) {
    const auto mailbox = parseRcpt(arguments, hostname);
    return mailbox ? mailbox->toText()
                   : std::to_string(mailbox.error().code) + ' ' + mailbox.error().enhanced;
}

std::string sender(std::string_view arguments) {
    const auto envelope = parseMail(arguments);
    if (!envelope) return std::to_string(envelope.error().code) + ' ' + envelope.error().enhanced;
    auto text = '<' + record::toText(envelope->sender) + '>';
    if (envelope->body == record::BodyType::eightBitMime) text += " 8bit";
    if (envelope->declaredBytes) text += ' ' + std::to_string(*envelope->declaredBytes);
    return text;
}

}  // namespace

TEST_CASE("RFC 5321 §4.1.1: the verb and its arguments") {
    struct Row {
        std::string why;
        std::string line;
        int code;  // 0: taken
        Verb verb = Verb::noop;
        std::string_view arguments = {};
    };
    const Row rows[] = {
        {"a command", "DATA", 0, Verb::data},
        {"§2.4: any case", "daTa", 0, Verb::data},
        {"trailing spaces are tolerated", "QUIT  ", 0, Verb::quit},
        {"arguments", "MAIL FROM:<a@b> SIZE=1", 0, Verb::mail, "FROM:<a@b> SIZE=1"},
        {"NOOP may have one", "NOOP x", 0, Verb::noop, "x"},
        {"DATA has none", "DATA x", 501},
        {"STARTTLS has none (RFC 3207 §4)", "STARTTLS x", 501},
        {"QUIT has none", "QUIT now", 501},
        {"EHLO has one", "EHLO", 501},
        {"RCPT has one", "RCPT ", 501},
        {"an empty line", "", 500},
        {"a space first", " NOOP", 500},
        {"a tab is no space", "NOOP\tx", 500},
        {"unknown", "GET / HTTP/1.1", 500},
        {"known and not ours (§4.2.4)", "EXPN list", 502},
        {"AUTH is not offered", "AUTH PLAIN", 502},
        {"rule 47: a bare CR", "NOOP\rx", 500},
        {"rule 47: a bare LF", "NOOP x\nRSET", 500},
        {"NUL", "NOOP \0"s, 500},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        const auto command = parseCommand(row.line);
        REQUIRE(command.has_value() == (row.code == 0));
        if (!command) {
            CHECK(command.error().code == row.code);
            continue;
        }
        CHECK(command->verb == row.verb);
        CHECK(command->arguments == row.arguments);
    }
}

TEST_CASE("RFC 5321 §4.1.1.2, 1870, 6152: MAIL and its parameters") {
    struct Row {
        std::string why;
        const char* arguments;
        std::string want;
    };
    const Row rows[] = {
        {"a sender", "FROM:<a@example.org>", "<a@example.org>"},
        {"any case", "from:<a@example.org> size=7 body=8bitmime", "<a@example.org> 8bit 7"},
        {"the null reverse-path", "FROM:<>", "<>"},
        {"7BIT", "FROM:<> BODY=7BIT", "<>"},
        {"spaces between parameters", "FROM:<>  SIZE=3 ", "<> 3"},
        {"SIZE=0", "FROM:<> SIZE=0", "<> 0"},
        {"SIZE beyond 64 bits is the greatest", "FROM:<> SIZE=99999999999999999999",
         "<> 18446744073709551615"},
        {"SIZE of 21 digits", "FROM:<> SIZE=000000000000000000001", "501 5.5.4"},
        {"SIZE without a number", "FROM:<> SIZE=", "501 5.5.4"},
        {"SIZE without a value", "FROM:<> SIZE", "501 5.5.4"},
        {"a negative SIZE", "FROM:<> SIZE=-1", "501 5.5.4"},
        {"SIZE twice", "FROM:<> SIZE=1 SIZE=2", "501 5.5.4"},
        {"BODY twice", "FROM:<> BODY=7BIT BODY=8BITMIME", "501 5.5.4"},
        {"another BODY", "FROM:<> BODY=BINARYMIME", "501 5.5.4"},
        {"§4.1.1.11: an unknown parameter", "FROM:<> RET=HDRS", "555 5.5.4"},
        {"§3.3: no space after the colon", "FROM: <a@example.org>", "501 5.1.7"},
        {"nor before it", "FROM :<a@example.org>", "501 5.5.4"},
        {"no brackets", "FROM:a@example.org", "501 5.1.7"},
        {"TO is RCPT's", "TO:<a@example.org>", "501 5.5.4"},
        {"no space before the parameter", "FROM:<>SIZE=1", "501 5.5.4"},
        {"no domain", "FROM:<a>", "501 5.1.7"},
        {"rule 52: 8-bit octets", "FROM:<\xc3\xa4@example.org>", "553 5.6.7"},
        {"§C: a source route to nobody is no null path", "FROM:<@one.example:>", "501 5.1.7"},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        CHECK(sender(row.arguments) == row.want);
    }
}

TEST_CASE("rule 52: one canonical address, whatever its form") {
    struct Row {
        std::string why;
        const char* arguments;
        std::string want;
    };
    const Row rows[] = {
        {"plain", "TO:<a@example.org>", "a@example.org"},
        {"mixed case of the domain", "TO:<A@eXample.ORG>", "A@example.org"},
        {"a trailing dot", "TO:<a@example.org.>", "a@example.org"},
        {"a quoted local part that needs none", "TO:<\"a\"@example.org>", "a@example.org"},
        {"a quoted pair that needs none", "TO:<\"\\a\"@example.org>", "a@example.org"},
        {"a source route is ignored", "TO:<@one.example,@two.example:a@example.org>", "a@example.org"},
        {"the %-hack is a local part", "TO:<a%example.net@example.org>", "a%example.net@example.org"},
        {"so is a bang path", "TO:<one.example!a@example.org>", "one.example!a@example.org"},
        {"a quoted @ is a local part", "TO:<\"a@example.net\"@example.org>", "\"a@example.net\"@example.org"},
        {"a quoted bracket closes nothing", "TO:<\"a>b\"@example.org>", "\"a>b\"@example.org"},
        {"a quoted quote ends nothing", "TO:<\"a\\\"> b\"@example.org>", "\"a\\\"> b\"@example.org"},
        {"a literal", "TO:<a@[192.0.2.1]>", "a@[192.0.2.1]"},
        {"an IPv6 literal in any form", "TO:<a@[IPv6:2001:DB8:0::1]>", "a@[IPv6:2001:db8::1]"},
        {"§4.1.1.3: postmaster without a domain is ours", "TO:<PostMaster>", "postmaster@mx.example.org"},
        {"two domains", "TO:<a@example.net@example.org>", "501 5.1.3"},
        {"nobody", "TO:<>", "501 5.1.3"},
        {"no domain", "TO:<a>", "501 5.1.3"},
        {"an empty domain", "TO:<a@>", "501 5.1.3"},
        {"an empty local part", "TO:<@example.org>", "501 5.1.3"},
        {"a broken source route", "TO:<@one.example,two.example:a@example.org>", "501 5.1.3"},
        {"a literal in a source route", "TO:<@[192.0.2.1]:a@example.org>", "501 5.1.3"},
        {"a literal that is none", "TO:<a@[192.0.2]>", "501 5.1.3"},
        {"no closing bracket", "TO:<a@example.org", "501 5.1.3"},
        {"a bracket too many", "TO:<<a@example.org>>", "501 5.5.4"},
        {"a space", "TO:<a b@example.org>", "501 5.1.3"},
        {"a comment", "TO:<a(b)@example.org>", "501 5.1.3"},
        {"U-labels need SMTPUTF8", "TO:<a@\xc3\xa4.example>", "553 5.6.7"},
        {"a parameter", "TO:<a@example.org> NOTIFY=NEVER", "555 5.5.4"},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        CHECK(recipient(row.arguments) == row.want);
    }
}

TEST_CASE("the client's name is one clean word") {
    for (const char* name :
         {"mail.example.org", "localhost", "[192.0.2.1]", "[IPv6:2001:db8::1]", "my_host"}) {
        INFO(std::string(name));
        CHECK(parseClientName(name).has_value());
    }
    for (const auto& name : {"a b"s, "(evil)"s, "a;b"s, "\xc3\xa4.example"s, ""s, std::string(256, 'a')}) {
        INFO(std::string(name));
        CHECK_FALSE(parseClientName(name).has_value());
    }
    CHECK(parseClientName(std::string(255, 'a')).has_value());
}

TEST_CASE("commands are counted as Postfix's disconnect line has them") {
    CommandCounts counts;
    CHECK(counts.toText() == "commands=0");
    const auto play = [&](std::optional<Verb> verb, int code) {
        counts.begin(verb);
        counts.answered({code, "", ""});
    };
    play(Verb::ehlo, 250);
    play(Verb::ehlo, 250);
    play(Verb::rcpt, 250);
    play(Verb::rcpt, 550);
    play(Verb::data, 354);
    counts.answered({250, "", ""});
    counts.answered({421, "", ""});  // nobody asked
    play(std::nullopt, 500);
    CHECK(counts.toText() == "ehlo=2 rcpt=1/2 data=1 unknown=0/1 commands=4/6");
}
