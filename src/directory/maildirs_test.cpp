#include "directory/maildirs.hpp"

#include <doctest/doctest.h>

using namespace postseal;
using namespace postseal::directory;

TEST_CASE("maildir: patterns") {
    struct Row {
        const char *pattern, *want;
    };
    const Row rows[] = {
        {"/var/mail/{domain}/{local}", "/var/mail : example.org/bob"},
        {"/var/mail/{domain}/{local}/", "/var/mail : example.org/bob"},
        {"/home/{local}/Maildir", "/home : bob/Maildir"},
        {"/{local}", "/ : bob"},
        {"/srv/x-{domain}/{local}@{domain}", "/srv : x-example.org/bob@example.org"},
        {"var/{local}", "the path is not absolute"},
        {"/var/mail", "{local} is missing: all would share one mailbox"},
        {"/var/{user}/{local}", "only {local} and {domain} are known"},
        {"/var/{{local}}", "only {local} and {domain} are known"},
        {"/var/../{local}", "the path has '/../' in it"},
        {"/var/{local}/..", "the path has '/../' in it"},
        {"/var//{local}", "the path has '//' in it"},
        {"/", "{local} is missing: all would share one mailbox"},
        {"", "the path is not absolute"},
    };
    const auto domain = base::DomainName::parse("example.org").value();
    for (const auto& row : rows) {
        INFO(row.pattern);
        const auto maildirs = Maildirs::parse(row.pattern);
        const auto place = maildirs ? maildirs->place("bob", domain) : std::nullopt;
        CHECK((maildirs ? place->root + " : " + place->below : maildirs.error()) == row.want);
    }
}

TEST_CASE("maildir: a local part never names a place of its own choice") {
    const auto maildirs = Maildirs::parse("/var/mail/{domain}/{local}").value();
    const auto domain = base::DomainName::parse("example.org").value();
    for (const std::string_view bad : {"", ".", "..", ".ssh", "../bob", "a/b", "/etc/passwd"}) {
        INFO(bad);
        CHECK_FALSE(maildirs.place(bad, domain));
    }
    CHECK_FALSE(maildirs.place(std::string(256, 'a'), domain));
    CHECK_FALSE(maildirs.place(std::string_view("a\0b", 3), domain));
    CHECK(maildirs.place(std::string(255, 'a'), domain));
    CHECK(maildirs.place("{domain}", domain)->below == "example.org/{domain}");
    CHECK(maildirs.place("a..b", domain)->below == "example.org/a..b");
}
