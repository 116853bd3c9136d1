#include "cli/level_tried.hpp"

#include <doctest/doctest.h>

namespace postseal::cli {
namespace {

record::HopRecord sent(const std::vector<std::string>& recipients, record::Assurance assurance) {
    record::HopRecord hop;
    hop.direction = record::Direction::out;
    hop.result = record::HopResult::delivered;
    hop.assurance = assurance;
    for (const auto& address : recipients)
        hop.recipients.push_back({address, record::HopResult::delivered, {}});
    return hop;
}

LevelTried tried() {
    using record::Assurance;
    LevelTried tried(*parseTriedLevel("sealed"));
    tried.add(sent({"a@open.example", "b@open.example", "c@other.example"}, Assurance::cleartext));
    tried.add(sent({"a@sealed.example"}, Assurance::authenticated));
    auto waiting = sent({"a@open.example"}, Assurance::cleartext);
    waiting.recipients[0].result = record::HopResult::deferred;  // nothing was sent
    tried.add(waiting);
    auto local = sent({"a@ours.example"}, Assurance::cleartext);
    local.local = true;
    tried.add(local);
    auto incoming = sent({"a@ours.example"}, Assurance::cleartext);
    incoming.direction = record::Direction::in;
    tried.add(incoming);
    auto mapped = sent({"a@mapped.example"}, Assurance::cleartext);
    mapped.claims = {{.origin = {record::Origin::Kind::map}, .won = true}};
    tried.add(mapped);
    return tried;
}

}  // namespace

TEST_CASE("policy try: what a level would have held back, by domain") {
    const auto all = tried();
    CHECK(all.holdsAny());
    CHECK(all.forPeople({}, 50) ==
          "With [outbound] level = \"sealed\", of 5 recipients to whom mail was sent (as far back as is "
          "recorded)\n"
          "3 would have waited for it, and in the end it would have come back.\n"
          "For 1 an entry of the policy map or an exception decides, whatever the level.\n"
          "\n"
          "  WAITING        OF  DOMAIN                           WHY, THE LAST TIME\n"
          "        2         2  open.example                     in clear text\n"
          "        1         1  other.example                    in clear text\n");
    CHECK(all.toJson({}, 1) ==
          R"j({"level":"sealed","since":null,"sent":5,"held":3,"decided_elsewhere":1,"domains":[)j"
          R"j({"domain":"open.example","sent":2,"held":2,"reason":"in clear text"},)j"
          R"j({"domain":"(others)","sent":1,"held":1,"reason":""}]})j");
    LevelTried well(*parseTriedLevel("encrypt"));
    well.add(sent({"a@a.example"}, record::Assurance::encrypted));
    CHECK_FALSE(well.holdsAny());
    CHECK(well.forPeople({}, 50) ==
          "With [outbound] level = \"encrypt\", of 1 recipients to whom mail was sent "
          "(as far back as is recorded)\n"
          "each would have had it as well.\n");
}

TEST_CASE("policy try: levels that demand nothing, and what is none") {
    for (const auto* word : {"encrypt", "dane-only", "verify", "secure", "sealed"})
        CHECK(parseTriedLevel(word).has_value());
    for (const auto* word : {"may", "none", "dane", "fingerprint"})
        CHECK(parseTriedLevel(word).error().starts_with("'" + std::string(word) +
                                                        "' as the default level holds nothing back"));
    CHECK(parseTriedLevel("sealt").error().starts_with("'sealt' is no level; try one of "));
}

}  // namespace postseal::cli
