#include "mail/digest.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace postseal::mail {
namespace {

constexpr std::chrono::sys_days day = std::chrono::year(2026) / 11 / 24;

Digest digest(std::vector<record::Language> languages) {
    return {.host = "mx.example.org",
            .id = record::QueueId::make(base::Timestamp(day), 1),
            .now = day + std::chrono::hours(25),
            .day = day,
            .languages = std::move(languages),
            .lines = {{"ann@partner.example", "mail[192.0.2.1]", 3, DigestLine::Fate::refused},
                      {"", "x[192.0.2.2]", 1, DigestLine::Fate::taken}}};
}

const auto bob = record::Mailbox::parse("bob@example.org").value();

}  // namespace

TEST_CASE("digest: who wrote without protection, how often, and what became of it") {
    const auto text = writeDigest(digest({record::Language::english}), bob);
    CHECK(text.starts_with("Date: Wed, 25 Nov 2026 01:00:00 +0000\r\n"
                           "From: Mail Delivery System <MAILER-DAEMON@mx.example.org>\r\n"
                           "To: <bob@example.org>\r\n"
                           "Subject: Mail to you without protection on 2026-11-24\r\n"));
    CHECK(text.find("\r\nAuto-Submitted: auto-generated\r\n") != std::string::npos);
    CHECK(text.find("\r\n     3 x <ann@partner.example>, mail[192.0.2.1] (refused)\r\n") !=
          std::string::npos);
    CHECK(text.find("     1 x a report without a sender, x[192.0.2.2] (delivered") != std::string::npos);
    const auto german = writeDigest(digest({record::Language::german, record::Language::english}), bob);
    CHECK(german.find("Subject: =?utf-8?q?Ungesch=C3=BCtzte_Post_an_Sie_am_2026=2D11=2D24?=\r\n") !=
          std::string::npos);
    CHECK(german.find("     3 x <ann@partner.example>, mail[192.0.2.1] (abgewiesen)\r\n") <
          german.find("(refused)"));
    CHECK(std::ranges::all_of(german, [](char c) { return static_cast<unsigned char>(c) < 128; }));
}

TEST_CASE("digest: what strangers chose is escaped and bounded (rule 55)") {
    auto lengthy = digest({record::Language::english});
    lengthy.lines.assign(150, {"a\r\nBcc: x@example.net\r\n\r\n" + std::string(5000, 'x'), "c\n", 2,
                               DigestLine::Fate::refused});
    const auto text = writeDigest(lengthy, bob);
    CHECK(text.find("\r\nBcc:") == std::string::npos);
    CHECK(text.find("and 100 more attempts of others.") != std::string::npos);
    CHECK(text.size() < 60'000);
}

}  // namespace postseal::mail
