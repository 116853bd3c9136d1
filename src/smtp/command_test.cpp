#include "smtp/command.hpp"
#include "smtp/command_counts.hpp"
#include "smtp/dsn_parameters.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace postseal;
using namespace postseal::smtp;
using namespace std::string_literals;

namespace {

const auto hostname = *base::DomainName::parse("mx.example.org");

std::string refusal(const Reply& reply) {
    return std::to_string(reply.code) + ' ' + reply.enhanced;
}

// The canonical address and what the sender wants to be told, or the refusal.
std::string recipient(std::string_view arguments, record::Utf8 utf8 = record::Utf8::refused,
                      Parameters parameters = Parameters::taken) {
    const auto parsed = parseRcpt(arguments, {hostname, utf8, parameters});
    if (!parsed) return refusal(parsed.error());
    return parsed->mailbox.toText() + rcptDsnParameters(parsed->notify, parsed->original);
}

std::string sender(std::string_view arguments, Parameters parameters = Parameters::taken) {
    const auto envelope = parseMail(arguments, parameters);
    if (!envelope) return refusal(envelope.error());
    auto text = '<' + record::toText(envelope->sender) + '>';
    if (envelope->body == record::BodyType::eightBitMime) text += " 8bit";
    if (envelope->declaredBytes) text += ' ' + std::to_string(*envelope->declaredBytes);
    if (envelope->smtpUtf8) text += " utf8";
    if (envelope->requireTls == record::RequireTls::must) text += " REQUIRETLS";
    return text + mailDsnParameters(envelope->returned, envelope->id);
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
        {"BDAT", "BDAT 7 LAST", 0, Verb::bdat, "7 LAST"},
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
        {"§4.1.1.11: an unknown parameter", "FROM:<> AUTH=<>", "555 5.5.4"},
        {"one of RCPT", "FROM:<> NOTIFY=NEVER", "555 5.5.4"},
        {"rule 28, RFC 8689 §2: REQUIRETLS", "FROM:<a@example.org> RequireTLS SIZE=1",
         "<a@example.org> 1 REQUIRETLS"},
        {"it has no value", "FROM:<> REQUIRETLS=yes", "501 5.5.4"},
        {"REQUIRETLS twice", "FROM:<> REQUIRETLS REQUIRETLS", "501 5.5.4"},
        {"RFC 3461: RET and ENVID", "FROM:<> ret=hdrs envid=a+2Bb", "<> RET=HDRS ENVID=a+2Bb"},
        {"RET twice", "FROM:<> RET=FULL RET=FULL", "501 5.5.4"},
        {"ENVID twice", "FROM:<> ENVID=a ENVID=a", "501 5.5.4"},
        {"another RET", "FROM:<> RET=SOME", "501 5.5.4"},
        {"RET without a value", "FROM:<> RET", "501 5.5.4"},
        {"an empty ENVID", "FROM:<> ENVID=", "501 5.5.4"},
        {"RFC 6531 §3.4: SMTPUTF8", "FROM:<\xc3\xa4@example.org> SMTPUTF8", "<\xc3\xa4@example.org> utf8"},
        {"wherever it stands", "FROM:<\xc3\xa4@example.org> SIZE=1 smtputf8 BODY=8BITMIME",
         "<\xc3\xa4@example.org> 8bit 1 utf8"},
        {"with an address that needs it not", "FROM:<a@example.org> SMTPUTF8", "<a@example.org> utf8"},
        {"it has no value", "FROM:<> SMTPUTF8=1", "501 5.5.4"},
        {"not even an empty one", "FROM:<> SMTPUTF8=", "501 5.5.4"},
        {"SMTPUTF8 twice", "FROM:<> SMTPUTF8 SMTPUTF8", "501 5.5.4"},
        {"a U-label with it", "FROM:<a@\xc3\xa4.example> SMTPUTF8", "<a@xn--4ca.example> utf8"},
        {"and without", "FROM:<a@\xc3\xa4.example>", "553 5.6.7"},
        {"what is no UTF-8", "FROM:<\xe4@example.org> SMTPUTF8", "501 5.1.7"},
        {"§3.3: no space after the colon", "FROM: <a@example.org>", "501 5.5.2"},
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
    // RFC 5321 §2.2.1: none after HELO.
    CHECK(sender("FROM:<a@example.org> ", Parameters::refused) == "<a@example.org>");
    CHECK(sender("FROM:<a@example.org> SIZE=1", Parameters::refused) == "555 5.5.4");
    CHECK(recipient("TO:<a@example.org> NOTIFY=NEVER", record::Utf8::refused, Parameters::refused) ==
          "555 5.5.4");
}

TEST_CASE("RFC 3461 §4, RFC 6531 §3.4: RCPT and its parameters") {
    struct Row {
        std::string why;
        const char* arguments;
        std::string want;
        record::Utf8 utf8 = record::Utf8::refused;
    };
    const Row rows[] = {
        {"both", "TO:<a@example.org> NOTIFY=DELAY,SUCCESS ORCPT=rfc822;b+2Bc@example.org",
         "a@example.org NOTIFY=SUCCESS,DELAY ORCPT=rfc822;b+2Bc@example.org"},
        {"in any order and case", "TO:<a@example.org> orcpt=rfc822;b notify=never",
         "a@example.org NOTIFY=NEVER ORCPT=rfc822;b"},
        {"NOTIFY twice", "TO:<a@example.org> NOTIFY=NEVER NOTIFY=NEVER", "501 5.5.4"},
        {"ORCPT twice", "TO:<a@example.org> ORCPT=rfc822;b ORCPT=rfc822;b", "501 5.5.4"},
        {"NEVER with another", "TO:<a@example.org> NOTIFY=NEVER,DELAY", "501 5.5.4"},
        {"no value", "TO:<a@example.org> NOTIFY", "501 5.5.4"},
        {"rule 55: CRLF", "TO:<a@example.org> ORCPT=rfc822;a+0D+0AX", "501 5.5.4"},
        {"one of MAIL", "TO:<a@example.org> SIZE=1", "555 5.5.4"},
        {"SMTPUTF8 stands at MAIL", "TO:<a@example.org> SMTPUTF8", "555 5.5.4"},
        {"with it", "TO:<\xc3\xa4@\xc3\xa4.example>", "\xc3\xa4@xn--4ca.example", record::Utf8::allowed},
        {"without it", "TO:<\xc3\xa4@example.org>", "553 5.6.7"},
        {"UTF-8 in ORCPT with it", "TO:<a@example.org> ORCPT=utf-8;\xc3\xa4@x",
         "a@example.org ORCPT=utf-8;\\x{E4}@x", record::Utf8::allowed},
        {"and without it", "TO:<a@example.org> ORCPT=utf-8;\xc3\xa4@x", "501 5.5.4"},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        CHECK(recipient(row.arguments, row.utf8) == row.want);
    }
}

TEST_CASE("RFC 3030 §2: BDAT and its chunk") {
    struct Row {
        const char* arguments;
        std::optional<Chunk> want;
    };
    const Row rows[] = {
        {"0", Chunk{0}},
        {"86", Chunk{86}},
        {"0 LAST", Chunk{0, true}},
        {"007  last", Chunk{7, true}},
        {"18446744073709551615", Chunk{18446744073709551615U}},
        {"18446744073709551616", {}},
        {"99999999999999999999999999", {}},
        {"", {}},
        {"LAST", {}},
        {"-1", {}},
        {"+1", {}},
        {"0x10", {}},
        {"1e3", {}},
        {"5LAST", {}},
        {"5 LAST LAST", {}},
        {"5 MORE", {}},
        {"5 6", {}},
    };
    for (const auto& row : rows) {
        INFO(std::string(row.arguments));
        const auto chunk = parseBdat(row.arguments);
        REQUIRE(chunk.has_value() == row.want.has_value());
        if (chunk)
            CHECK(*chunk == *row.want);
        else
            CHECK(refusal(chunk.error()) == "501 5.5.4");
    }
}

TEST_CASE("VRFY and HELP") {
    struct Row {
        const char* arguments;
        std::string want;
    };
    const Row rows[] = {{"bob", ""},      {"b\xc3\xa4r SMTPUTF8", ""}, {"bob smtputf8", ""},
                        {"SMTPUTF8", ""}, {"b\xc3\xa4r", "553 5.6.7"}, {"b\xe4r SMTPUTF8", "501 5.5.4"}};
    for (const auto& row : rows) {
        INFO(std::string(row.arguments));
        const auto parsed = parseVrfy(row.arguments);
        CHECK((parsed ? "" : refusal(parsed.error())) == row.want);
    }
    CHECK(help("") == Reply{214, "2.0.0", "EHLO HELO STARTTLS MAIL RCPT DATA BDAT RSET NOOP VRFY HELP QUIT"});
    CHECK(help("bdat").text == "BDAT octets [LAST]");
    CHECK(help("AUTH").code == 504);
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
        {"an unknown parameter", "TO:<a@example.org> RRVS=1", "555 5.5.4"},
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
