#include "mail/field.hpp"

#include <doctest/doctest.h>

using namespace postseal::mail;

TEST_CASE("fieldOf: the first field of a name, folded or not") {
    constexpr std::string_view header = "A: 1\r\nSubject : two\r\n words\r\nsubject: three\r\nX: y";
    CHECK(fieldOf(header, "Subject") == " two\r\n words\r");
    CHECK(fieldOf(header, "x") == " y");
    CHECK(fieldOf(header, "words").empty());
    CHECK(fieldOf("A: " + std::string(5000, 'x'), "a").size() == 1000);
}

TEST_CASE("readable: RFC 2047, as its author wrote it") {
    struct Row {
        std::string_view field, want;
    };
    const Row rows[] = {
        {" hello ", "hello"},
        {" two\r\n\twords\r", "two words"},
        {"=?utf-8?q?Gr=C3=BC=c3=9fe_an?= alle", "Gr\u00fc\u00dfe an alle"},
        {"=?UTF-8?B?R3LDvMOfZQ==?=", "Gr\u00fc\u00dfe"},
        {"=?iso-8859-1*de?Q?Gr=FC=DFe?=", "Gr\u00fc\u00dfe"},
        {"Re: =?utf-8?q?Gr=C3?=\r\n =?utf-8?q?=BC=C3=9Fe?= x", "Re: Gr\u00fc\u00dfe x"},
        {"=?koi8-r?q?=C1?= =?utf-8?x", "=?koi8-r?q?=C1?= =?utf-8?x"},
        {"=?utf-8?q?a=?= =?utf-8?b?*?=", "=?utf-8?q?a=?= =?utf-8?b?*?="},
        {"=?", "=?"},
        {"=?utf-8?q", "=?utf-8?q"},
        {"=?utf-8?q?=0D=0AX: y?=", ""},
        {"=?utf-8?q?=FF?=", ""},
        {"\xff", ""},
    };
    for (const auto& row : rows) {
        INFO(row.field);
        CHECK(readable(row.field) == row.want);
    }
    CHECK(readable("x" + std::string(300, 'y')).size() == 203);
    std::string umlauts = "x";
    for (int i = 0; i < 150; ++i)
        umlauts += "\u00fc";
    CHECK(readable(umlauts).size() == 202);
}
