#include "cli/refused_text.hpp"

#include <doctest/doctest.h>

using namespace postseal;
using namespace postseal::cli;
using ledger::RefusedSum;

TEST_CASE("report refused: who, by which rule, whom it concerned, and what he was told") {
    RefusedSum one{.mode = "enforce",
                   .rule = "partner.example",
                   .origin = "map",
                   .senderDomain = "partner.example",
                   .client = "unknown[192.0.2.9]",
                   .recipients = {"a@example.org", "b@example.org", "c@example.org", "d@example.org",
                                  "e@example.org", "f@example.org"},
                   .count = 12,
                   .first = base::parseRfc3339("2026-11-24T12:00:00Z").value(),
                   .last = base::parseRfc3339("2026-11-25T12:00:00Z").value(),
                   .reason = "Must issue a STARTTLS\ncommand first"};
    CHECK(forPeople({one}, 50) ==
          "     12 refused from partner.example by unknown[192.0.2.9]\n"
          "        rule partner.example (map), 2026-11-24T12:00:00Z to 2026-11-25T12:00:00Z\n"
          "        to a@example.org, b@example.org, c@example.org, d@example.org, e@example.org and 1 more\n"
          "        Must issue a STARTTLS\\x0acommand first\n");
    auto other = one;
    other.mode = "testing";
    other.senderDomain = {};
    other.recipients.resize(1);
    other.count = 3;
    CHECK(forPeople({other}, 50).starts_with("      3 (testing) from <> by"));
    CHECK(forPeople({one, other, other}, 1).ends_with("      6 more, of 2 others\n"));
    CHECK(forPeople({}, 50) == "nobody was refused\n");
}
