// For tests: whole client sessions as rows of a table, played in chunks of every kind, and the words that
// most of them have in common.
#pragma once

#include "smtp/client_player.hpp"

#include <doctest/doctest.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace postseal::smtp::test {

using Strings = std::vector<std::string>;

inline record::Mailbox mailbox(std::string_view text) {
    return *record::Mailbox::parse(text);
}

inline record::Envelope envelopeTo(const Strings& recipients) {
    record::Envelope envelope{mailbox("from@example.net"), {}, record::BodyType::sevenBit, 100};
    for (const auto& recipient : recipients)
        envelope.recipients.push_back({mailbox(recipient)});
    return envelope;
}

/// A session that was played, to be read in a table.
struct Seen {
    std::string said;
    Strings outcomes;     // of all transactions: `a delivered 2.0.0`
    std::string failure;  // `tlsRefused 4.7.4 words`; empty: none
    std::optional<SessionFailure> whole;
};

inline constexpr std::string_view kindNames[] = {"temporary", "permanent", "violation", "tlsRefused",
                                                 "tlsFailed", "tlsUnmet",  "stale"};

inline Seen shown(const Play& given, const Played& played) {
    Seen seen{played.said, {}, {}, played.failure};
    for (std::size_t i = 0; i < played.outcomes.size(); ++i)
        for (std::size_t j = 0; j < played.outcomes[i].size(); ++j) {
            const auto& outcome = played.outcomes[i][j];
            CHECK(outcome.source != RecipientResult::Source::none);
            seen.outcomes.push_back(given.envelopes[i].recipients[j].mailbox.local() + " " +
                                    std::string(record::toText(outcome.result)) + " " +
                                    toText(outcome.status));
        }
    if (const auto& failure = played.failure)
        seen.failure = std::string(kindNames[static_cast<std::size_t>(failure->kind)]) + " " +
                       toText(failure->status) + " " + failure->words;
    return seen;
}

/// The same in chunks of every kind: the result never depends on them.
inline Seen play(Play given) {
    if (given.envelopes.empty()) given.envelopes = {envelopeTo({"a@example.org"})};
    const auto played = ClientPlayer(given, 4096).play();
    CHECK(played.broken.empty());
    for (const std::size_t chunk : {1U, 2U, 7U})
        CHECK(ClientPlayer(given, chunk).play() == played);
    return shown(given, played);
}

inline const std::string plain = "250-mx\r\n250 HELP\r\n";
inline const std::string pipelining = "250-mx\r\n250-PIPELINING\r\n250-SIZE 1000\r\n250 8BITMIME\r\n";
inline const std::string withTls = "250-mx\r\n250-PIPELINING\r\n250 STARTTLS\r\n";
inline const std::string ok = "250 2.0.0 Ok\r\n";
inline const std::string go = "354 go\r\n";
inline const std::string text = "Hi\r\n..dot\r\n.\r\n";
inline const std::string helo = "EHLO client.example\r\n";
inline const std::string group = "MAIL FROM:<from@example.net>\r\nRCPT TO:<a@example.org>\r\nDATA\r\n";
inline const std::string sizedGroup =
    "MAIL FROM:<from@example.net> SIZE=100\r\nRCPT TO:<a@example.org>\r\nDATA\r\n";
inline const std::string quit = "QUIT\r\n";

struct Row {
    const char* why;
    Play given;
    std::string said;
    Strings outcomes;
    std::string failure;
};

inline void check(std::span<const Row> rows) {
    for (const auto& row : rows) {
        INFO(row.why);
        const auto seen = play(row.given);
        CHECK(seen.said == row.said);
        CHECK(seen.outcomes == row.outcomes);
        CHECK(seen.failure.substr(0, row.failure.size()) == row.failure);
        CHECK(seen.failure.empty() == row.failure.empty());
    }
}

}  // namespace postseal::smtp::test
