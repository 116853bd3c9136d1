#include "smtp/dsn_parameters.hpp"

#include "base/xtext.hpp"

#include <doctest/doctest.h>

using namespace postseal;
using namespace postseal::smtp;
using record::Notify;
using record::Returned;
using record::Utf8;

namespace {

const std::string umlaut = "b\xc3\xa4r";

template <class T>
std::string shown(const base::Result<T, Reply>& result, const std::string& value) {
    return result ? value : std::to_string(result.error().code) + ' ' + result.error().enhanced;
}

std::string original(std::string_view value, Utf8 utf8) {
    const auto parsed = parseOriginalRecipient(value, utf8);
    return shown(parsed, parsed ? *parsed : "");
}

}  // namespace

TEST_CASE("RFC 3461 §4.4: ENVID") {
    struct Row {
        std::string why, value, want;
    };
    const Row rows[] = {
        {"plain", "QQ314159", "QQ314159"},
        {"encoded signs", "a+2Bb+3Dc", "a+b=c"},
        {"a space is printable", "a+20b", "a b"},
        {"lower case digits", "a+2bb", "501 5.5.4"},
        {"100 characters", std::string(100, 'x'), std::string(100, 'x')},
        {"101", std::string(101, 'x'), "501 5.5.4"},
        {"none", "", "501 5.5.4"},
        {"an equals sign", "a=b", "501 5.5.4"},
        {"half a sign", "a+2", "501 5.5.4"},
        {"no sign", "a+2G", "501 5.5.4"},
        {"a sign with a sign", "a+-1", "501 5.5.4"},
        {"rule 55: CRLF would end a field of the report", "a+0D+0AX-Evil:+20yes", "501 5.5.4"},
        {"NUL", "a+00", "501 5.5.4"},
        {"DEL", "a+7F", "501 5.5.4"},
        {"beyond ASCII", "a+E4", "501 5.5.4"},
        {"8-bit as it is", umlaut, "501 5.5.4"},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        const auto id = parseEnvelopeId(row.value);
        CHECK(shown(id, id ? *id : "") == row.want);
        if (id) CHECK(parseEnvelopeId(base::toXtext(*id)).value() == *id);
    }
}

TEST_CASE("RFC 3461 §4.3: RET") {
    CHECK(parseReturned("FULL").value() == Returned::whole);
    CHECK(parseReturned("hdrs").value() == Returned::headers);
    for (const char* value : {"", "HEADERS", "FULL,HDRS", " FULL"}) {
        INFO(std::string(value));
        CHECK_FALSE(parseReturned(value).has_value());
    }
}

TEST_CASE("RFC 3461 §4.1: NOTIFY") {
    struct Row {
        std::string value, written;
    };
    const Row rows[] = {
        {"NEVER", " NOTIFY=NEVER"},
        {"never", " NOTIFY=NEVER"},
        {"SUCCESS", " NOTIFY=SUCCESS"},
        {"failure", " NOTIFY=FAILURE"},
        {"DELAY,FAILURE", " NOTIFY=FAILURE,DELAY"},
        {"SUCCESS,FAILURE,DELAY", " NOTIFY=SUCCESS,FAILURE,DELAY"},
        {"SUCCESS,SUCCESS", " NOTIFY=SUCCESS"},
        {"", ""},
        {"NEVER,SUCCESS", ""},
        {"SUCCESS,NEVER", ""},
        {"SUCCESS,", ""},
        {",SUCCESS", ""},
        {"SUCCESS, DELAY", ""},
        {"ALWAYS", ""},
    };
    for (const auto& row : rows) {
        INFO(row.value);
        const auto notify = parseNotify(row.value);
        REQUIRE(notify.has_value() == !row.written.empty());
        if (!notify) {
            CHECK(notify.error().code == 501);
            continue;
        }
        CHECK(notify->isAsked);
        CHECK(rcptDsnParameters(*notify, "") == row.written);
    }
    CHECK(rcptDsnParameters(Notify{}, "").empty());
}

TEST_CASE("RFC 3461 §4.2, RFC 6533 §3: ORCPT") {
    struct Row {
        std::string why, value, want;
        Utf8 utf8 = Utf8::refused;
    };
    const Row rows[] = {
        {"an address", "rfc822;bob@example.org", "rfc822;bob@example.org"},
        {"encoded", "rfc822;bob+2Btag@example.org", "rfc822;bob+tag@example.org"},
        {"another type", "x400;/C=de/", "501 5.5.4"},
        {"another type, encoded", "x400;/C+3Dde/", "x400;/C=de/"},
        {"500 characters", "rfc822;" + std::string(493, 'x'), "rfc822;" + std::string(493, 'x')},
        {"501", "rfc822;" + std::string(494, 'x'), "501 5.5.4"},
        {"no type", "bob@example.org", "501 5.5.4"},
        {"an empty type", ";bob@example.org", "501 5.5.4"},
        {"a type that is no atom", "rfc 822;bob", "501 5.5.4"},
        {"nothing", "", "501 5.5.4"},
        {"rule 55: CRLF", "rfc822;a+0D+0AX:", "501 5.5.4"},
        {"UTF-8 in an address of ASCII", "rfc822;" + umlaut, "501 5.5.4", Utf8::allowed},
        {"but Postfix sends it so in xtext, and means RFC 6533's type", "rfc822;b+C3+A4r@example.org",
         "utf-8;" + umlaut + "@example.org", Utf8::allowed},
        {"not without SMTPUTF8", "rfc822;b+C3+A4r@example.org", "501 5.5.4"},
        {"malformed UTF-8 in xtext", "rfc822;b+E4r@example.org", "501 5.5.4", Utf8::allowed},
        {"C1 in xtext", "rfc822;b+C2+85r@example.org", "501 5.5.4", Utf8::allowed},
        {"utf-8-addr-xtext needs no SMTPUTF8", "utf-8;b\\x{E4}r@example.org",
         "utf-8;" + umlaut + "@example.org"},
        {"utf-8-addr-unitext does", "utf-8;" + umlaut + "@example.org", "501 5.5.4"},
        {"and is taken with it", "utf-8;" + umlaut + "@example.org", "utf-8;" + umlaut + "@example.org",
         Utf8::allowed},
        {"signs", "utf-8;a\\x{2B}\\x{3D}\\x{5C}\\x{20}b", "utf-8;a+=\\ b"},
        {"beyond the first plane", "utf-8;\\x{1F4E7}@x", "utf-8;\xf0\x9f\x93\xa7@x"},
        {"a surrogate", "utf-8;\\x{D800}@x", "501 5.5.4"},
        {"beyond Unicode", "utf-8;\\x{110000}@x", "501 5.5.4"},
        {"a control character", "utf-8;\\x{0D}\\x{0A}X:", "501 5.5.4"},
        {"C1, encoded", "utf-8;\\x{85}", "501 5.5.4"},
        {"C1, as it is", "utf-8;\xc2\x85", "501 5.5.4", Utf8::allowed},
        {"no end", "utf-8;\\x{E4", "501 5.5.4"},
        {"no number", "utf-8;\\x{}", "501 5.5.4"},
        {"a bare backslash", "utf-8;a\\b", "501 5.5.4"},
        {"no UTF-8", "utf-8;\xe4", "501 5.5.4", Utf8::allowed},
        {"overlong", "utf-8;\xc0\xaf", "501 5.5.4", Utf8::allowed},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        CHECK(original(row.value, row.utf8) == row.want);
    }
}

TEST_CASE("RFC 3461 §5.1: what is written is what was read, in ASCII") {
    CHECK(mailDsnParameters(Returned::unasked, "").empty());
    CHECK(mailDsnParameters(Returned::headers, "a+b c") == " RET=HDRS ENVID=a+2Bb+20c");
    CHECK(mailDsnParameters(Returned::whole, "") == " RET=FULL");
    CHECK(rcptDsnParameters({}, "rfc822;a+b@x") == " ORCPT=rfc822;a+2Bb@x");
    CHECK(rcptDsnParameters({}, "utf-8;" + umlaut + "@x") == " ORCPT=utf-8;b\\x{E4}r@x");
    CHECK(rcptDsnParameters({}, "utf-8;a+\\=@x") == " ORCPT=utf-8;a\\x{2B}\\x{5C}\\x{3D}@x");
    std::string grown = "utf-8;";
    for (int i = 0; i < 100; ++i)
        grown += "\xc3\xa4";
    CHECK(rcptDsnParameters({}, grown).empty());  // 600 characters: the peer need not take it
}
