#include "config/folder_test.hpp"

#include <doctest/doctest.h>

namespace postseal::config {

TEST_CASE("config: who checks DNSSEC, and by what (rule 17)") {
    const Folder folder;
    struct Row {
        std::string_view text, want;
    };
    const Row rows[] = {
        {"validate = \"self\"", "no error"},
        {"validate = \"off\"", "no error"},
        {"validate = \"resolver\"\nservers = [\"127.0.0.1\", \"[::1]:5353\"]", "no error"},
        {"validate = \"resolver\"\nservers = [\"127.0.0.1\", \"192.0.2.1\"]",
         "dns.validate: \"resolver\" believes"},
        {"validate = \"resolver\"", "dns.validate: \"resolver\" believes"},
        {"trust_anchor = \"nowhere.key\"", "nowhere.key can't be read"},
        {"trust_anchor = \"/dev/null\"", "/dev/null has no trust anchor"},
        {"self_test = { signed = \".\", bogus = [\"a.example\", \"b.example\"] }", "no error"},
        {"self_test = { signed = [\"a b\"] }", "dns.self_test.signed: \"a b\" has a character"},
    };
    for (const auto& row : rows) {
        INFO(row.text);
        const auto words = folder.errors(std::string(least) + "[dns]\n" + std::string(row.text));
        INFO(words);
        CHECK(words.find(row.want) != std::string::npos);
    }
    const auto warnings = [&](std::string_view text) {
        return folder.parsed(std::string(least) + std::string(text))->warnings.size();
    };
    CHECK(warnings("[dns]\nvalidate = \"off\"") == 1);  // DANE is on, and can do nothing
    CHECK(warnings("[dns]\nvalidate = \"off\"\n[outbound]\ndane = false") == 0);
    CHECK(warnings("") == 0);
}

}  // namespace postseal::config
