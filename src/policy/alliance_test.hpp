// For tests: lists of alliances as text, and anchors that are as their PEM text says.
#pragma once

#include "policy/alliance_set.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

namespace postseal::policy::test {

/// The text is the certificate, its first letter its key.
inline base::Result<AnchorCertificate, std::string> readAnchor(const std::string& pem) {
    if (pem.starts_with("no")) return base::fail(std::string("it holds no certificate"));
    AnchorCertificate made;
    made.key[0] = static_cast<std::byte>(pem[0]);
    made.certificate[0] = static_cast<std::byte>(pem[0]);
    made.anchors.digest = made.key;
    return made;
}

struct ListText {
    std::string members;
    std::string anchors = R"({"name":"root-a","certificate":"A"},{"name":"root-b","certificate":"B"})";
    std::string name = "post";
    std::string expires = "2027-11-01T00:00:00Z";
    std::string more = {};
};

inline std::string textOf(const ListText& list) {
    return fmt::format(R"({{"alliance":"{}","version":7,"issued":"2026-11-01T00:00:00Z","expires":"{}",)"
                       R"("anchors":[{}],"members":[{}]{}}})",
                       list.name, list.expires, list.anchors, list.members, list.more);
}

inline std::string member(const std::string& domains, const std::string& more = {},
                          const std::string& mode = "enforce") {
    return fmt::format(R"({{"domains":[{}],"mode":"{}",{}"from":"may"}})", domains, mode,
                       more.empty() ? R"("to":"secure",)" : more + ',');
}

inline JoinedAlliance joined(const ListText& text) {
    JoinedAlliance made{.list = parseAlliance(textOf(text), readAnchor).value()};
    for (const auto& one : made.list.members)
        made.accepted.insert(one.domains.begin(), one.domains.end());
    return made;
}

inline const base::Timestamp now = *base::parseRfc3339("2026-11-29T12:00:00Z");

}  // namespace postseal::policy::test
