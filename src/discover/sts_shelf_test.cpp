#include "discover/sts_shelf.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>

namespace postseal::discover {
namespace {

using namespace std::chrono_literals;
using Worth = StsShelf::Worth;

const base::Timestamp start = *base::parseRfc3339("2026-11-24T12:00:00Z");

struct There {
    const char* domain;
    Worth worth;
    std::chrono::hours unused{0};
    std::size_t bytes = 1;
};

/// Who has to go, sorted; "no room".
std::string leaving(const StsShelf& shelf, const std::string& domain, Worth worth, std::size_t bytes = 1) {
    auto found = shelf.roomFor(domain, {bytes, worth, start});
    if (!found) return "no room";
    std::ranges::sort(*found);
    std::string all;
    for (const auto& name : *found)
        all += (all.empty() ? "" : " ") + name;
    return all;
}

}  // namespace

TEST_CASE("rule 21: where there is no room for all, the least worth goes, and nothing that protects mail") {
    struct Row {
        const char* why;
        std::vector<There> there;
        std::string domain;
        Worth worth;
        std::string want;
        std::size_t bytes = 1;
        std::size_t bytesOfOne = 60;
    };
    using enum Worth;
    const Row rows[] = {
        {"there is room", {{"a.example", protects}}, "b.example", reportsOnly, ""},
        {"all protect mail",
         {{"a.example", protects}, {"b.example", protects}, {"c.example", protects}},
         "d.example",
         protects,
         "no room"},
        {"however long unused",
         {{"a.example", protects, 9000h}, {"b.example", protects}, {"c.example", protects}},
         "d.example",
         protects,
         "no room"},
        {"reports' go before those that demand nothing",
         {{"a.example", noDemand, 99h}, {"b.example", reportsOnly}, {"c.example", protects}},
         "d.example",
         protects,
         "b.example"},
        {"the longest unused first",
         {{"a.example", reportsOnly, 2h}, {"b.example", reportsOnly, 5h}, {"c.example", reportsOnly}},
         "d.example",
         reportsOnly,
         "b.example"},
        {"nothing goes for what is worth less",
         {{"a.example", noDemand, 99h}, {"b.example", noDemand}, {"c.example", protects}},
         "d.example",
         reportsOnly,
         "no room"},
        {"a domain stands in its own place",
         {{"a.example", protects}, {"b.example", protects}, {"c.example", protects}},
         "c.example",
         protects,
         ""},
        {"of bytes there is a limit, too",
         {{"a.example", reportsOnly, 2h, 40}, {"b.example", reportsOnly, 1h, 40}},
         "d.example",
         protects,
         "a.example b.example",
         70,
         100},
        {"one who registered a domain has a share, and his own goes",
         {{"x.evil.example", reportsOnly, 1h}, {"y.evil.example", reportsOnly, 2h}},
         "z.evil.example",
         reportsOnly,
         "y.evil.example"},
        {"which is a share for what protects, too",
         {{"x.evil.example", protects}, {"y.evil.example", protects}},
         "z.evil.example",
         protects,
         "no room"},
        {"a share in bytes",
         {{"x.evil.example", reportsOnly, 1h, 50}},
         "y.evil.example",
         reportsOnly,
         "x.evil.example",
         20},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        StsShelf shelf({.policies = 3, .bytes = 100, .policiesOfOne = 2, .bytesOfOne = row.bytesOfOne});
        for (const auto& [domain, worth, unused, bytes] : row.there)
            shelf.add(domain, {bytes, worth, start - unused});
        CHECK(leaving(shelf, row.domain, row.worth, row.bytes) == row.want);
        CHECK(shelf.size() == row.there.size());
    }
}

TEST_CASE("the shelf forgets what is removed, and follows what is used") {
    StsShelf shelf({.policies = 2, .bytes = 100, .policiesOfOne = 2, .bytesOfOne = 100});
    shelf.add("a.example", {1, Worth::reportsOnly, start - 5h});
    shelf.add("b.example", {1, Worth::reportsOnly, start - 3h});
    CHECK(leaving(shelf, "c.example", Worth::reportsOnly) == "a.example");
    shelf.use("a.example", Worth::reportsOnly, start);
    CHECK(leaving(shelf, "c.example", Worth::reportsOnly) == "b.example");
    shelf.use("b.example", Worth::protects, start);
    CHECK(leaving(shelf, "c.example", Worth::reportsOnly) == "a.example");
    shelf.use("a.example", Worth::protects, start);
    CHECK(leaving(shelf, "c.example", Worth::protects) == "no room");
    shelf.remove("a.example");
    shelf.remove("a.example");
    CHECK(leaving(shelf, "c.example", Worth::reportsOnly).empty());
    CHECK(shelf.size() == 1);
    shelf.use("nobody.example", Worth::protects, start);

    using enum policy::StsMode;
    CHECK(StsShelf::worthOf(enforce, StsShelf::AskedBy::reports) == Worth::reportsOnly);
    CHECK(StsShelf::worthOf(enforce, StsShelf::AskedBy::mail) == Worth::protects);
    CHECK(StsShelf::worthOf(testing, StsShelf::AskedBy::mail) == Worth::noDemand);
    CHECK(StsShelf::worthOf(none, StsShelf::AskedBy::mail) == Worth::noDemand);
}

}  // namespace postseal::discover
