#include "discover/alliances.hpp"

#include "base/base64.hpp"
#include "discover/alliance_demands.hpp"
#include "discover/alliance_fetch.hpp"
#include "discover/alliance_news.hpp"
#include "policy/alliance_set.hpp"
#include "store/error.hpp"
#include "store/open.hpp"
#include "store/temp_dir_test.hpp"
#include "tls/ed25519.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <fstream>

namespace postseal::discover {
namespace {

const base::Timestamp now = *base::parseRfc3339("2026-11-29T12:00:00Z");

/// Whoever signs lists.
struct Signer {
    Signer() {
        const store::TempDir dir;
        const auto file = (dir.path() / "key.pem").string();
        std::ofstream(file) << tls::newEd25519().value().reveal();
        key.emplace(tls::PrivateKey::load(file).value());
        octets = tls::publicEd25519(*key).value();
    }

    std::string sign(const std::string& payload) const {
        policy::SignedEnvelope envelope{.payloadType = std::string(policy::alliancePayloadType),
                                        .payload = payload};
        envelope.signatures = {{"", tls::signEd25519(*key, policy::toBeSigned(envelope)).value()}};
        return policy::toJson(envelope);
    }

    std::optional<tls::PrivateKey> key;
    base::Bytes octets;
};

std::vector<base::Bytes> keys(std::initializer_list<const Signer*> signers) {
    std::vector<base::Bytes> all;
    for (const auto* signer : signers)
        all.push_back(signer->octets);
    return all;
}

struct ListOf {
    int version = 7;
    std::vector<std::string> domains{"a.example"};
    std::string expires = "2027-11-01T00:00:00Z";
    std::string successors = {};
    std::string name = "post";
    std::string to = "encrypt";
};

std::string payload(const ListOf& list) {
    std::string members;
    for (const auto& domain : list.domains)
        members += fmt::format(R"({}{{"domains":["{}"],"to":"{}","from":"encrypt","mode":"enforce"}})",
                               members.empty() ? "" : ",", domain, list.to);
    return fmt::format(R"({{"alliance":"{}","version":{},"issued":"2026-11-01T00:00:00Z","expires":"{}",)"
                       R"("successor_keys":[{}],"members":[{}]}})",
                       list.name, list.version, list.expires, list.successors, members);
}

KeptAlliance keptBy(const Signer& signer, const ListOf& list = {}) {
    const auto text = signer.sign(payload(list));
    const auto opened = openAlliance(text, keys({&signer})).value();
    KeptAlliance kept{.name = list.name, .source = "https://lists.example/post.json", .added = now};
    kept.accepted = domainsOf(opened.list);
    return renewed(std::move(kept), opened, text);
}

std::string troubleOf(const KeptAlliance& kept, const std::string& text) {
    return renewalOf(kept, text, now).trouble;
}

}  // namespace

TEST_CASE("a list is opened by a key that is known, and by no other; what was changed is not read") {
    const Signer ours, others;
    const auto text = ours.sign(payload({}));
    CHECK(openAlliance(text, keys({&others, &ours})).value().signedBy == ours.octets);
    const auto foreign = openAlliance(text, keys({&others}));
    REQUIRE_FALSE(foreign);
    CHECK(foreign.error() == "its signature is of no key that is known here, or it was tampered with");
    CHECK_FALSE(openAlliance(text, {}));
    auto envelope = policy::parseEnvelope(text).value();
    envelope.payload[envelope.payload.find("encrypt")] = 'E';
    CHECK_FALSE(openAlliance(policy::toJson(envelope), keys({&ours})));
    envelope = policy::parseEnvelope(text).value();
    envelope.payloadType = "text/plain";
    CHECK(openAlliance(policy::toJson(envelope), keys({&ours})).error() ==
          "what is signed is no list of an alliance");
    CHECK(openAlliance(payload({}), keys({&ours})).error().starts_with("it is no signed list"));
}

TEST_CASE("what takes the place of a kept list: newer, not ended, not rolled back, of the same alliance") {
    const Signer signer, stranger;
    const auto kept = keptBy(signer);
    const auto newer =
        renewalOf(kept, signer.sign(payload({.version = 8, .domains = {"a.example", "b.example"}})), now);
    REQUIRE(newer.kept);
    CHECK(newer.trouble.empty());
    CHECK(newer.news == "1 domain came (b.example)");
    CHECK(newer.kept->version == 8);
    CHECK(newer.kept->accepted == std::set<std::string, std::less<>>{"a.example"});  // who came later waits
    const auto same = renewalOf(kept, kept.envelope, now);
    CHECK_FALSE(same.kept);
    CHECK(same.trouble.empty());

    CHECK(troubleOf(kept, signer.sign(payload({.version = 6}))) ==
          "its version 6 is older than 7, which was here already");
    CHECK(troubleOf(kept, signer.sign(payload({.to = "may"}))) ==
          "it bears the version 7 of the kept list with another content");
    CHECK(troubleOf(kept, signer.sign(payload({.version = 8, .expires = "2026-11-20T00:00:00Z"}))) ==
          "it ended on 2026-11-20T00:00:00Z");
    CHECK(troubleOf(kept, signer.sign(payload({.version = 8, .name = "other"}))) ==
          "it is the list of the alliance other, not of post");
    CHECK(troubleOf(kept, stranger.sign(payload({.version = 8}))).starts_with("its signature is of no key"));
    CHECK(troubleOf(kept, "{").starts_with("it is no signed list"));
    const auto early = *base::parseRfc3339("2026-10-30T00:00:00Z");
    CHECK(renewalOf(kept, signer.sign(payload({.version = 8})), early).trouble ==
          "it was issued in the future, on 2026-11-01T00:00:00Z");
    CHECK(renewalOf(kept, base::fail(std::string("no answer")), now).trouble == "no answer");
}

TEST_CASE("a successor's key holds once the old one named it, and the old one no longer after it") {
    const Signer old, next;
    const auto named = fmt::format("\"{}\"", base::toBase64(next.octets));
    auto kept = keptBy(old);
    CHECK_FALSE(renewalOf(kept, next.sign(payload({.version = 8})), now).kept);  // nobody named it
    kept = *renewalOf(kept, old.sign(payload({.version = 8, .successors = named})), now).kept;
    kept = *renewalOf(kept, next.sign(payload({.version = 9})), now).kept;
    CHECK(kept.keys == keys({&next}));
    CHECK_FALSE(renewalOf(kept, old.sign(payload({.version = 10})), now).kept);
}

TEST_CASE("what a member that left had accepted is accepted no more when it comes again") {
    const Signer signer;
    auto kept = keptBy(signer, {.domains = {"a.example", "b.example"}});
    kept = *renewalOf(kept, signer.sign(payload({.version = 8})), now).kept;
    kept = *renewalOf(kept, signer.sign(payload({.version = 9, .domains = {"a.example", "b.example"}})), now)
                .kept;
    CHECK_FALSE(kept.accepted.contains("b.example"));
}

TEST_CASE("what a list changes is told by domain") {
    const auto before = readAlliance(payload({.domains = {"a.example", "b.example"}})).value();
    const auto after = readAlliance(payload({.domains = {"a.example", "c.example"}, .to = "secure"})).value();
    const auto diff = diffOf(before, after);
    CHECK(diff.joined == std::vector<std::string>{"c.example"});
    CHECK(diff.gone == std::vector<std::string>{"b.example"});
    REQUIRE(diff.changed.size() == 1);
    CHECK(diff.changed[0].words == "to secure instead of encrypt");
    CHECK(diffOf(before, before).empty());
    CHECK(endInWords(before, policy::AfterEnd::wait, "URL", now) ==
          "the list of the alliance post ends on 2027-11-01, in 336 days, and no newer one came from URL; "
          "after "
          "that mail to its members waits");
    CHECK(endInWords(before, policy::AfterEnd::stay, "URL", before.expires)
              .ends_with("ended on 2027-11-01, and no newer one came from URL: its demands stay"));
}

TEST_CASE("the store keeps lists, and no change is lost to another") {
    const store::TempDir dir;
    auto engine = store::writerOf(dir.path(), {alliancesSchema})().value();
    const Signer signer;
    auto kept = keptBy(signer);
    kept.by = "alice";
    kept.promoted = {"a.example"};
    REQUIRE(store::commitNow(*engine, putAlliance(kept)));
    kept.revision = 1;
    CHECK(allianceOf(*engine, "post").value()->kept == kept);
    CHECK(allianceRevision(*engine).value() == 1);
    auto stale = kept;
    stale.revision = 0;
    const auto refused = store::commitNow(*engine, putAlliance(stale));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == store::Errc::conflict);
    kept.isObserved = true;
    REQUIRE(store::commitNow(*engine, putAlliance(kept)));
    CHECK(allianceRevision(*engine).value() == 2);
    REQUIRE(store::commitNow(*engine, noteAllianceLook("post", {now, "no answer"})));
    CHECK(allianceRevision(*engine).value() == 2);
    const auto sources = allianceSources(*engine).value();
    REQUIRE(sources.size() == 1);
    CHECK(sources[0].source == kept.source);
    CHECK(sources[0].look.trouble == "no answer");
}

TEST_CASE("lists are not known before they are read, and a list that can't be read lets nothing fall") {
    const store::TempDir dir;
    store::Readers readers(store::readersOf(dir.path()));
    Alliances alliances({});
    CHECK_FALSE(alliances.load(readers).has_value());  // there is no database
    CHECK(alliances.snapshot() == nullptr);
    auto engine = store::writerOf(dir.path(), {alliancesSchema})().value();
    REQUIRE(alliances.load(readers).value());
    CHECK(alliances.snapshot()->joined().empty());
    const Signer signer, stranger;
    const auto kept = keptBy(signer);
    REQUIRE(store::commitNow(*engine, putAlliance(kept)));
    REQUIRE(alliances.load(readers).value());
    CHECK_FALSE(alliances.load(readers).value());  // nothing changed
    CHECK(alliances.snapshot()->claims("a.example", now).size() == 1);

    auto spoilt = kept;
    spoilt.revision = 1;
    spoilt.keys = {stranger.octets};
    REQUIRE(store::commitNow(*engine, putAlliance(spoilt)));
    const auto failed = alliances.load(readers);
    REQUIRE_FALSE(failed);
    CHECK(failed.error().detail.starts_with("the list of the alliance post: "));
    CHECK(alliances.snapshot()->claims("a.example", now).size() == 1);
    Alliances anew({});
    CHECK_FALSE(anew.load(readers).has_value());
    CHECK(anew.snapshot() == nullptr);  // which is not "none"

    auto left = spoilt;
    left.revision = 2;
    left.envelope.clear();
    REQUIRE(store::commitNow(*engine, putAlliance(left)));
    REQUIRE(alliances.load(readers).value());
    CHECK(alliances.snapshot()->joined().empty());
}

TEST_CASE("rule 60: while lists are not read, it is not known what they demand of mail that comes in") {
    const auto unknown = demandsOf(nullptr);
    CHECK(unknown->missing == "the lists of alliances are not read yet");
    const policy::JoinedAlliance joined{.list = readAlliance(payload({})).value(), .accepted = {"a.example"}};
    const auto known = demandsOf(std::make_shared<const policy::AllianceSet>(
        std::vector{joined}, policy::AfterEnd::stay, std::vector<std::string>{}));
    CHECK(known->missing.empty());
    CHECK_FALSE(known->needCertificates);
    CHECK(known->rulesOf("a.example").size() == 1);
    CHECK(known->rulesOf("b.example").empty());
}

TEST_CASE("where a list may be fetched from") {
    struct Row {
        const char *text, *host;
        int port;
        const char* path;
    };
    const Row rows[] = {{"https://lists.example/post.json", "lists.example", 443, "/post.json"},
                        {"HTTPS://Lists.Example:8443", "lists.example", 8443, "/"}};
    for (const auto& row : rows) {
        const auto url = AllianceUrl::parse(row.text);
        REQUIRE(url);
        CHECK(url->host.text() == row.host);
        CHECK(url->port == row.port);
        CHECK(url->path == row.path);
    }
    for (const char* text :
         {"http://lists.example/", "lists.example", "https://", "https://a b/", "https://a.example:0/",
          "https://a.example/x y", "https://a.example:99999/", "https://a.example/\r\nX: y"})
        CHECK_FALSE(AllianceUrl::parse(text));
}

}  // namespace postseal::discover
