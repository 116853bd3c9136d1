#include "directory/aliases.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace postseal;
using namespace postseal::directory;

namespace {

const base::DomainName ours = base::DomainName::parse("example.org").value();

/// `name>target target; ...` and the numbers of refused lines.
std::string parsed(std::string_view text) {
    const auto result = Aliases::parse(text, ours);
    std::string words;
    for (const auto& [name, alias] : result.aliases.all()) {
        words += (words.empty() ? "" : "; ") + name + '>';
        for (const auto& target : alias.targets)
            words += (words.back() == '>' ? "" : " ") + target.toText();
    }
    for (const auto& refused : result.refused)
        words += " !" + std::to_string(refused.line);
    return words;
}

}  // namespace

TEST_CASE("aliases(5): what each line means") {
    struct Row {
        const char *why, *text, *want;
    };
    const Row rows[] = {
        {"nothing", "", ""},
        {"one", "info: bob", "info>bob@example.org"},
        {"several", "info: bob, eve@far.example,carol",
         "info>bob@example.org eve@far.example carol@example.org"},
        {"case", "Info: Bob", "info>Bob@example.org"},
        {"white space", "info  :bob ,\tcarol \r\n", "info>bob@example.org carol@example.org"},
        {"empty targets are passed over", "info: bob,, carol,", "info>bob@example.org carol@example.org"},
        {"continued", "info: bob,\n  carol\n\t, eve\n",
         "info>bob@example.org carol@example.org eve@example.org"},
        {"a remark within", "info: bob,\n# why\n  carol", "info>bob@example.org carol@example.org"},
        {"remarks and blank lines", "# x: y\n\n  # z\ninfo: bob\n", "info>bob@example.org"},
        {"a quoted name", "\"sales team\": bob", "sales team>bob@example.org"},
        {"a quoted name with signs", "\"a:b,c\": bob", "a:b,c>bob@example.org"},
        {"a quoted target", "info: \"sales team\"", "info>\"sales team\"@example.org"},
        {"sendmail's backslash", "root: \\root", "root>root@example.org"},
        {"a name with our domain", "info@Example.ORG: bob", "info>bob@example.org"},
        {"IDN", "info: bob@bücher.example", "info>bob@xn--bcher-kva.example"},
        {"a program", "vacation: bob, |/usr/bin/vacation\ninfo: bob", "info>bob@example.org !1"},
        {"a program in quotes", "a: \"|/usr/bin/vacation bob\"\n", " !1"},
        {"a file", "log: /var/log/mail\ninfo: bob", "info>bob@example.org !1"},
        {"a program in another dress", "a: \"\\|cat\"\nb: \\|cat\nc: \"|cat\"@far.example", " !1 !2 !3"},
        {"a file in quotes", "log: \"/var/log/mail\"", " !1"},
        {"a list", "all: :include:/etc/all", " !1"},
        {"refused by the line that it begins in", "x: y\n\na: bob,\n  |cat\n", "x>y@example.org !3"},
        {"no colon", "info bob", " !1"},
        {"no target", "info:", " !1"},
        {"no name", ": bob", " !1"},
        {"another domain's name", "info@far.example: bob", " !1"},
        {"a remark behind it is none", "info: bob # who", " !1"},
        {"twice: the first holds", "info: bob\nInfo: carol", "info>bob@example.org !2"},
        {"control characters", "info: b\x01ob", " !1"},
        {"an open quote", "info: \"bob", " !1"},
        {"continuation of nothing", "  info: bob", "info>bob@example.org"},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        CHECK(parsed(row.text) == row.want);
    }
}

TEST_CASE("aliases: a refusal says why, and what it quotes is harmless") {
    const auto result = Aliases::parse("a: |x\nb\x1b[31m\nc: d, :fail: no\n", ours);
    REQUIRE(result.refused.size() == 3);
    CHECK(result.refused[0].message == "'|x' runs a program, which an alias may not do here");
    CHECK(result.refused[1].message == R"('b\x1b[31m' has no colon; write `name: target, target`)");
    CHECK(result.refused[2].message == "':fail: no' is not known here; write the addresses themselves");
}
