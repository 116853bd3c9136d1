#include "base/registrable_domain.hpp"

#include <doctest/doctest.h>

#include <libpsl.h>

using postseal::base::registrableDomain;

TEST_CASE("a name belongs to the domain that was registered, whatever stands before it") {
    struct Row {
        const char* why;
        const char* domain;
        const char* want;
    };
    const Row rows[] = {
        {"itself", "example.org", "example.org"},
        {"below it", "a.b.c.example.org", "example.org"},
        {"a suffix of two labels", "mx.bank.co.uk", "bank.co.uk"},
        {"a suffix that a company lets names below", "one.two.github.io", "two.github.io"},
        {"in A-labels", "mx.example.xn--fiqs8s", "example.xn--fiqs8s"},
        {"a suffix that nobody has listed", "mx.bank.example", "bank.example"},
        {"a public suffix", "co.uk", "co.uk"},
        {"one label", "localhost", "localhost"},
        {"no name", "", ""},
    };
    REQUIRE(psl_suffix_count(psl_builtin()) > 5000);
    for (const auto& row : rows) {
        INFO(row.why);
        CHECK(registrableDomain(row.domain) == row.want);
    }
}
