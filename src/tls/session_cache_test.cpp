#include "tls/session_cache.hpp"

#include "tls/client_contexts.hpp"
#include "tls/test_certificates.hpp"

#include <doctest/doctest.h>

using namespace postseal;
using namespace postseal::tls;

namespace {

const record::Requirement encrypt{.level = record::Level::encrypt};
const record::Requirement secure{
    .level = record::Level::secure,
    .allOf = {record::NamesCondition{{{record::NamePattern::Kind::exact, "mx.example.org"}}}}};

/// One server and one client core; each call is a connection.
struct Core {
    explicit Core(std::size_t bound, int highest = TLS1_3_VERSION) : cache(bound) {
        SSL_CTX_set_max_proto_version(server.get(), highest);
    }

    struct Outcome {
        bool resumed;
        Verdict verdict;
    };
    Outcome connect(const record::Requirement& requirement, const Verdict& fresh,
                    base::Timestamp at = test::now) {
        const auto key = sessionKey("192.0.2.1:25", requirement);
        const auto ours = contexts.newSession(requirement, "mx.example.org");
        const Ssl theirs(SSL_new(server.get()));
        cache.offer(key, ours->get(), at);
        REQUIRE(test::handshake(ours->get(), theirs.get()));
        const bool resumed = SSL_session_reused(ours->get()) == 1;
        const auto verdict = resumed ? verifier.judge(ours->get(), requirement, at) : fresh;
        cache.keep(key, ours->get(), verdict, at);
        return {resumed, verdict};
    }

    SslContext server = test::serve(test::make({.commonName = "mx", .dnsNames = {"mx.example.org"}}));
    ClientContexts contexts;
    Verifier verifier{TrustStore::load("", "").value()};
    SessionCache cache;
};

const Verdict proven{.met = true,
                     .assurance = record::Assurance::authenticated,
                     .proof = record::Proof::pkix,
                     .name = "mx.example.org"};
const Verdict plain{.met = true};

}  // namespace

TEST_CASE("rule 16: a resumed session keeps the verdict that it was made under") {
    for (const int highest : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        Core core(10, highest);
        CHECK_FALSE(core.connect(secure, proven).resumed);
        for (int i = 0; i < 3; ++i) {
            const auto again = core.connect(secure, Verdict{});
            CHECK(again.resumed);
            CHECK(again.verdict == proven);
        }
        CHECK(core.cache.size() == 1);
    }
}

TEST_CASE("rules 16, 57: a session is never offered under another requirement") {
    Core core(10);
    core.connect(encrypt, plain);
    CHECK_FALSE(core.connect(secure, proven).resumed);
    CHECK(core.connect(encrypt, {}).verdict == plain);
    CHECK(core.connect(secure, {}).verdict == proven);
    auto higher = secure;
    higher.floors.ciphers = record::CipherGrade::high;
    CHECK_FALSE(core.connect(higher, proven).resumed);
}

TEST_CASE("rule 16: a session whose verdict was no is not kept") {
    Core core(10);
    core.connect(secure, {.met = false});
    CHECK(core.cache.size() == 0);
    CHECK_FALSE(core.connect(secure, proven).resumed);
}

TEST_CASE("a session ends after an hour, however often it is resumed, and with its certificate") {
    using std::chrono::minutes;
    Core core(10);
    core.connect(secure, proven);
    CHECK(core.connect(secure, {}, test::now + minutes(50)).resumed);
    CHECK_FALSE(core.connect(secure, proven, test::now + minutes(61)).resumed);
    const auto end = test::now + std::chrono::days(30);
    CHECK_FALSE(core.connect(secure, proven, end - minutes(10)).resumed);
    CHECK(core.connect(secure, {}, end - minutes(1)).resumed);
    CHECK_FALSE(core.connect(secure, proven, end + minutes(1)).resumed);
}

TEST_CASE("the cache is bounded: the oldest goes first") {
    Core core(2);
    std::vector<record::Requirement> requirements;
    for (const char* name : {"a.example", "b.example", "c.example"}) {
        requirements.push_back(encrypt);
        requirements.back().serverName = name;
        core.connect(requirements.back(), plain);
    }
    CHECK(core.cache.size() == 2);
    CHECK_FALSE(core.connect(requirements[0], plain).resumed);
    CHECK(core.connect(requirements[2], plain).resumed);
    core.cache.clear();
    CHECK(core.cache.size() == 0);
}
