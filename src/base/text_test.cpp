// ascii, hex, result, secret: the small things that every room uses.
#include "base/ascii.hpp"
#include "base/hex.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "base/text_file.hpp"

#include <doctest/doctest.h>

#include <array>
#include <type_traits>

using namespace postseal::base;

TEST_CASE("ascii: letters of protocols, bytes above 127 untouched") {
    CHECK(toLower("MiX\xc9-1") == "mix\xc9-1");
    CHECK(toUpper("MiX\xe9-1") == "MIX\xe9-1");
    CHECK(sameWord("StartTLS", "STARTTLS"));
    CHECK_FALSE(sameWord("STARTTLS ", "STARTTLS"));
    CHECK_FALSE(sameWord("\xe9", "\xc9"));
    CHECK(startsWithWord("IPv6:::1", "ipV6:"));
    CHECK_FALSE(startsWithWord("IP", "IPv6:"));
    CHECK(trim(" \t\r\n\v\fa b\r\n") == "a b");
    CHECK(trim(" \t ").empty());
    CHECK(isControl('\x7f'));
    CHECK(isControl('\0'));
    CHECK_FALSE(isPrintable('\x7f'));
    CHECK_FALSE(isPrintable('\x80'));
    CHECK(isPrintable(' '));
    CHECK(is8bit('\x80'));
}

TEST_CASE("ascii: the nearest word helps with a slip, and is silent about rubbish") {
    constexpr std::array<std::string_view, 4> known{"secure", "verify", "may", "certificates"};
    struct Row {
        std::string_view word, want;
    };
    const Row rows[] = {{"secrue", "secure"},
                        {"SECURE", "secure"},
                        {"verfy", "verify"},
                        {"mya", "may"},
                        {"certificats", "certificates"},
                        {"xyzzyplugh", ""},
                        {"", ""}};
    for (const auto& row : rows) {
        INFO(row.word);
        CHECK(nearestWord(row.word, known) == row.want);
    }
    CHECK(nearestWord(std::string(100'000, 'a'), known).empty());
}

TEST_CASE("rule 55: foreign text is escaped and bounded") {
    struct Row {
        std::string_view foreign, want;
    };
    const Row rows[] = {{"plain text", "plain text"},
                        {"a\r\nb", "a\\x0d\\x0ab"},
                        {"\\", "\\x5c"},
                        {"escaped before: \\x0d", "escaped before: \\x0d"},
                        {"\\x0", "\\x5cx0"},
                        {"\xc3\xa9", "\\xc3\\xa9"},
                        {std::string_view("\0", 1), "\\x00"}};
    for (const auto& row : rows)
        CHECK(escaped(row.foreign) == row.want);
    for (const std::size_t limit : {10U, 11U, 512U}) {
        const auto cut = escaped(std::string(1000, '\n'), limit);
        CHECK(cut.ends_with("..."));
        CHECK(cut.size() <= limit + 3);
    }
    CHECK(escaped(std::string(508, 'a')) == std::string(508, 'a'));
}

TEST_CASE("hex: both forms read back, anything else is none") {
    const Bytes bytes{std::byte{0}, std::byte{0x6f}, std::byte{0xff}};
    CHECK(toHex(bytes) == "006fff");
    CHECK(toColonHex(bytes) == "00:6F:FF");
    for (const std::string_view text : {"006fff", "006FFF", "00:6F:FF", "00:6f:ff"}) {
        INFO(text);
        CHECK(parseHex(text) == bytes);
    }
    CHECK(parseHex("") == Bytes{});
    for (const std::string_view bad :
         {"0", "00:", ":00", "00:6", "006f:ff", "00:6fff", "0g", "00 6f", "00::6f", "0x00"}) {
        INFO(bad);
        CHECK_FALSE(parseHex(bad));
    }
}

TEST_CASE("result: an error says phase, what was tried and the system's words") {
    CHECK(toText(Error{std::make_error_code(std::errc::connection_refused), Phase::connect,
                       "mx.example.org"}) == "connect: mx.example.org (Connection refused)");
    CHECK(toText(Error{{}, Phase::tls, "no shared cipher"}) == "TLS: no shared cipher");
    CHECK(toText(Error{std::make_error_code(std::errc::io_error), Phase::none, ""}) == "Input/output error");
    CHECK(toText(Error{}).empty());

    const Result<int, std::string> bad = fail(std::string("why"));
    CHECK_FALSE(bad);
    CHECK(bad.error() == "why");
    const Result<int, std::string> doubled = Result<int, std::string>(21).map([](int n) { return n * 2; });
    CHECK(doubled.value() == 42);
}

TEST_CASE("secret: moves, compares, is never copied") {
    static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);
    Secret secret("pass word");
    CHECK(secret.equals("pass word"));
    CHECK_FALSE(secret.equals("pass worD"));
    CHECK_FALSE(secret.equals("pass"));
    Secret moved(std::move(secret));
    CHECK(moved.reveal() == "pass word");
    CHECK(secret.reveal().empty());  // NOLINT(bugprone-use-after-move): what it promises
    secret = std::move(moved);
    CHECK(secret.reveal() == "pass word");
    CHECK(moved.reveal().empty());  // NOLINT(bugprone-use-after-move): what it promises
}

TEST_CASE("text files: a byte-order mark is no part of the first line") {
    CHECK(withoutByteOrderMark("\xef\xbb\xbf"
                               "bob") == "bob");
    CHECK(withoutByteOrderMark("bob\xef\xbb\xbf") == "bob\xef\xbb\xbf");
    CHECK(withoutByteOrderMark("\xef\xbb") == "\xef\xbb");
    CHECK(withoutByteOrderMark("").empty());
}

TEST_CASE("text files: lines that go on, as Postfix's tables have them") {
    const auto text = [](std::string_view of) {
        std::string all;
        for (const auto& line : logicalLines(of)) {
            for (const auto& part : line)
                all += std::to_string(part.number) + std::string(trim(part.text)) + ' ';
            all += '|';
        }
        return all;
    };
    CHECK(text("a\n b\n\n# remark\n\tc\nd") == "1a 2b 5c |6d |");
    CHECK(text(" a\nb\n") == "1a |2b |");
    CHECK(text("a\r\n b\r\n \r\n") == "1a 2b |");
    CHECK(text("#\n\n").empty());
}

TEST_CASE("text files: characters that nobody sees are found") {
    struct Row {
        const char *why, *text;
        char32_t want;  // 0: none
    };
    const Row rows[] = {{"ASCII", "bob", 0},
                        {"letters beyond it",
                         "b\xc3\xb6"
                         "b",
                         0},
                        {"no UTF-8",
                         "b\xf6"
                         "b",
                         0},
                        {"a byte-order mark",
                         "\xef\xbb\xbf"
                         "bob",
                         0xfeff},
                        {"a zero-width space",
                         "bo\xe2\x80\x8b"
                         "b",
                         0x200b},
                        {"a no-break space", "bob\xc2\xa0", 0xa0},
                        {"from right to left",
                         "\xe2\x80\xae"
                         "bob",
                         0x202e}};
    for (const auto& row : rows) {
        INFO(row.why);
        CHECK(findInvisible(row.text).value_or(0) == row.want);
    }
}
