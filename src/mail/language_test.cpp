#include "mail/language.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string_view>

using namespace postseal;
using namespace postseal::mail;
using record::Language;

TEST_CASE("languageOf: what the author's mail program tells (RFC 3282)") {
    struct Row {
        const char* why;
        std::string_view header;
        std::optional<Language> want;
    };
    const Row rows[] = {
        {"nothing", "Subject: hallo\r\n", std::nullopt},
        {"Thunderbird", "Content-Language: en-US\r\n", Language::english},
        {"Outlook", "Accept-Language: de-DE, en-US\r\nContent-Language: en-US\r\n", Language::german},
        {"qualities", "accept-language: en;q=0.5, de;q=0.9\r\n", Language::german},
        {"qualities, the other way", "Accept-Language: de;q=0.08, en ; q=0.1\r\n", Language::english},
        {"not wanted", "Accept-Language: de;q=0\r\nContent-Language: en\r\n", Language::english},
        {"folded", "Accept-Language:\r\n fr,\r\n\tDE-at\r\nX: y\r\n", Language::german},
        {"none of ours", "Accept-Language: fr, nl\r\nContent-Language: pl\r\n", std::nullopt},
        {"no such tag", "Accept-Language: deutsch, *;q=1\r\n", std::nullopt},
        {"nonsense", "Accept-Language: de;q=x;;,,,;=\r\nContent-Language\r\n", std::nullopt},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        CHECK(languageOf(row.header) == row.want);
    }
}
