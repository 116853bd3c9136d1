#include "config/folder_test.hpp"

#include <doctest/doctest.h>

namespace postseal::config {

TEST_CASE("config: a bad list of recipients is named with its line") {
    const Folder folder;
    folder.write("recipients", "fine\nnot fine@@\n@@\n");
    const auto words =
        folder.errors(std::string(least) + "[[domain]]\nname = \"example.org\"\ndelivery = \"smtp:[::1]\"\n"
                                           "recipients = \"recipients\"\n");
    CHECK(words.starts_with("recipients:3: '@@' is no recipient"));
}

TEST_CASE("config: a byte-order mark before a list or the configuration costs no name") {
    const Folder folder;
    const std::string mark = "\xef\xbb\xbf";
    folder.write("recipients", mark + "bob\ncarol\n");
    folder.write("aliases", mark + "info: bob\npostmaster: bob\n");
    const auto settings = folder.parsed(mark + std::string(least) +
                                        "[[domain]]\nname = \"example.org\"\ndelivery = \"smtp:[::1]\"\n"
                                        "recipients = \"recipients\"\naliases = \"aliases\"\n");
    REQUIRE(settings);
    CHECK(settings->warnings.empty());
    const auto& domain = settings->directory.domains.begin()->second;
    CHECK(domain.recipients.lists("bob"));
    CHECK(domain.aliases.find("info") != nullptr);
}

TEST_CASE("config: a character that nobody sees makes another name, and is warned of") {
    const Folder folder;
    folder.write("recipients", "fine\nbo\xe2\x80\x8b"
                               "b\nbob # \xc2\xa0\n");
    folder.write("aliases", "\xc2\xa0info: fine\npostmaster: fine,\n carol\xe2\x80\xae\n");
    const auto settings =
        folder.parsed(std::string(least) + "[[domain]]\nname = \"example.org\"\ndelivery = \"smtp:[::1]\"\n"
                                           "recipients = \"recipients\"\naliases = \"aliases\"\n");
    REQUIRE(settings);
    std::string words;
    for (const auto& warning : settings->warnings)
        if (warning.find("nobody sees") != std::string::npos)
            words += warning.substr((folder.path.string() + '/').size()) + '\n';
    CHECK(words == "recipients:2: 'bo\\xe2\\x80\\x8bb' has a character that nobody sees (U+200B)\n"
                   "aliases:1: '\\xc2\\xa0info: fine' has a character that nobody sees (U+00A0)\n"
                   "aliases:3: 'carol\\xe2\\x80\\xae' has a character that nobody sees (U+202E)\n");
}

TEST_CASE("config: a catch-all that would catch nothing is an error") {
    struct Row {
        const char *recipients, *aliases, *want;
    };
    const Row rows[] = {
        {"anna\n", "*: anna\n", "aliases:1: '*: anna' would catch all names, which no alias can here"},
        {"anna\n", "info: anna\n@example.org: anna\n",
         "aliases:2: '@example.org: anna' would catch all names"},
        {"anna\n", "*@example.org: anna\n", "aliases:1: '*@example.org: anna' would catch all names"},
        {"anna\n*\n", "info: anna\n",
         "recipients:2: '*' means nobody; '@example.org' is everyone in the domain"},
        {"*@example.org\n", "info: anna\n", "recipients:1: '*@example.org' means nobody"},
    };
    for (const auto& row : rows) {
        INFO(std::string(row.want));
        const Folder folder;
        folder.write("recipients", row.recipients);
        folder.write("aliases", row.aliases);
        CHECK(folder
                  .errors(std::string(least) +
                          "[[domain]]\nname = \"example.org\"\ndelivery = \"smtp:[::1]\"\n"
                          "recipients = \"recipients\"\naliases = \"aliases\"\n")
                  .find(row.want) != std::string::npos);
    }
}

TEST_CASE("config: lists of aliases hold, but for the lines that they warn of") {
    const Folder folder;
    folder.write("aliases", "info: user\nrun: |sh\nloop: loop\ngone: nobody\npostmaster: user\n");
    const auto settings = folder.parsed(
        std::string(least) + "[[domain]]\nname = \"example.org\"\ndelivery = \"maildir:/mail/{local}\"\n"
                             "recipients = \"recipients\"\naliases = \"aliases\"\nsrs = false\n");
    REQUIRE(settings);
    const auto& domain = settings->directory.domains.begin()->second;
    CHECK(domain.aliases.all().size() == 4);
    CHECK(domain.separators == "+");
    CHECK(domain.rewriting == directory::Rewriting::no);
    CHECK(settings->lists.size() == 2);
    const auto file = (folder.path / "aliases").string();
    CHECK(settings->warnings ==
          std::vector<std::string>{
              file + ":2: '|sh' runs a program, which an alias may not do here",
              file + ":4: 'gone' leads to nobody@example.org, who is no recipient; its mail will return",
              file + ":3: 'loop' leads back to itself and to no mailbox; mail for it is refused"});
}

TEST_CASE("config: a next hop at port 465, which would never greet, is warned of") {
    const Folder folder;
    struct Row {
        const char* why;
        std::string_view text;
        std::size_t warnings;
    };
    const Row rows[] = {
        {"a route", "[[route]]\ndomain = \"*\"\nvia = \"smtp:[relay.example]:465\"\n", 1},
        {"a domain",
         "[[domain]]\nname = \"example.org\"\ndelivery = \"smtp:[relay.example]:465\"\nrecipients = "
         "\"any\"\n",
         1},
        {"587 is right", "[[route]]\ndomain = \"*\"\nvia = \"smtp:[relay.example]:587\"\n", 0},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        const auto settings = folder.parsed(std::string(least) + std::string(row.text));
        REQUIRE(settings);
        CHECK(settings->warnings.size() == row.warnings);
    }
}

TEST_CASE("config: each domain and route has its own list, and none inherits") {
    const Folder folder;
    const auto settings = folder.parsed(
        std::string(least) +
        "[[domain]]\nname = \"example.org\"\ndelivery = \"lmtp:[::1]\"\n"
        "recipients = \"recipients\"\nsubaddress = \"-\"\n"
        "[[domain]]\nname = \"any.example\"\ndelivery = \"lmtp:unix:/run/lmtp\"\nrecipients = \"any\"\n"
        "[[route]]\ndomain = \"example.net\"\nvia = \"smtp:example.net\"\nrelay = true\n"
        "[[route]]\ndomain = \"plain.example\"\nvia = \"smtp:[a]\"\n");
    REQUIRE(settings);
    const auto& domains = settings->directory.domains;
    const auto name = [](std::string_view text) { return base::DomainName::parse(text).value(); };
    CHECK_FALSE(domains.at(name("example.org")).recipients.takesAny());
    CHECK(domains.at(name("any.example")).recipients.takesAny());
    CHECK(domains.at(name("any.example")).separators == "+");
    CHECK(toText(domains.at(name("example.org")).transport(name("example.org"))) == "lmtp:[::1]");
    CHECK(settings->directory.routes.find(record::MailDomain(name("example.net")))->relayed);
    CHECK_FALSE(settings->directory.routes.find(record::MailDomain(name("plain.example")))->relayed);
}

}  // namespace postseal::config
