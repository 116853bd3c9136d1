// A table of a page in docs/ that is made from the rows of a test, so that what is read there is what is
// tested.
#pragma once

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace postseal::policy::test {

/// The table ends the page, a file in docs/. After a change of the rows POSTSEAL_WRITE_DOCS=1 policy_test
/// writes it anew.
inline void checkPageTable(const std::string& page, const std::string& testName, const std::string& table) {
    std::ifstream stream(page, std::ios::binary);
    std::string text(std::istreambuf_iterator<char>(stream), {});
    const std::string mark = "<!-- The table below is made from src/policy/" + testName + ". -->\n\n";
    const auto at = text.find(mark);
    REQUIRE(at != std::string::npos);
    if (std::getenv("POSTSEAL_WRITE_DOCS") != nullptr) {
        text = text.substr(0, at) + mark + table;
        std::ofstream(page, std::ios::binary) << text;
    }
    CHECK_MESSAGE(text.substr(at + mark.size()) == table, "run POSTSEAL_WRITE_DOCS=1 policy_test");
}

}  // namespace postseal::policy::test
