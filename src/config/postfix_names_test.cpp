#include "config/postfix_names.hpp"

#include "config/schema.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

namespace postseal::config {

TEST_CASE("config: what Postfix's parameters are told to be is there") {
    const auto isThere = [](std::string_view wanted) {
        return std::ranges::any_of(sections(), [&](const Section& section) {
            const auto prefix = section.path.empty() ? std::string() : std::string(section.path) + '.';
            return section.path == wanted || std::ranges::any_of(section.keys, [&](const Key& key) {
                       return prefix + std::string(key.name) == wanted;
                   });
        });
    };
    CHECK(std::ranges::is_sorted(postfixNames(), {}, &PostfixName::parameter));
    for (const auto& name : postfixNames()) {
        INFO(name.parameter);
        CHECK((name.ours.empty() ? !name.words.empty() : isThere(name.ours)));
    }
}

TEST_CASE("config: a type of table before a path is seen, a colon in a path is not one") {
    CHECK(tableTypeOf("hash:/etc/postfix/tls_policy") == "hash");
    CHECK(tableTypeOf("proxy:mysql:/x") == "proxy");
    for (const auto* path : {"/etc/postseal/a:b", "tls_policy", "hash", "c:/x", ""}) {
        INFO(path);
        CHECK(tableTypeOf(path).empty());
    }
}

}  // namespace postseal::config
