#include "cli/check_inbound_text.hpp"

#include "cli/arguments.hpp"

#include <doctest/doctest.h>

using namespace postseal;
using namespace postseal::cli;

namespace {

app::InboundChecked sample() {
    policy::InboundRule rule{.key = {policy::InboundKey::Kind::domain, "partner.example"},
                             .level = policy::InboundLevel::encrypt,
                             .where = "tls_policy_in:1"};
    return {"partner.example",
            app::InboundChecked::Verdict::unknown,
            "Of mail from partner.example is demanded: TLS.",
            {{.rule = std::move(rule), .won = true, .found = "TLS"}}};
}

}  // namespace

TEST_CASE("check --inbound: the JSON that programs read, and the lines that people do") {
    CHECK(toJson(sample()) ==
          R"({"domain":"partner.example","verdict":"unknown","sentence":"Of mail from )"
          R"(partner.example is demanded: TLS.","rules":[{"key":"partner.example","origin":)"
          R"("map","level":"encrypt","mode":"enforce","won":true,"where":"tls_policy_in:1",)"
          R"("found":"TLS"}]})");
    CHECK(forPeople(sample()) ==
          "Of mail from partner.example is demanded: TLS.\n"
          "  * partner.example encrypt                  tls_policy_in:1 (enforce): TLS\n");
}
