#include "mail/quoted_printable.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

using namespace postseal::mail;

TEST_CASE("toQuotedPrintable: RFC 2045 §6.7") {
    CHECK(toQuotedPrintable("Gr\xc3\xbc\xc3\x9f"
                            "e = 1 \r\n\r\nx\t\r\n") == "Gr=C3=BC=C3=9Fe =3D 1=20\r\n\r\nx=09\r\n");
    for (const std::size_t length : {75U, 76U, 77U, 200U}) {
        const auto encoded = toQuotedPrintable(std::string(length, 'a') + "\r\n");
        std::size_t longest = 0, at = 0;
        for (auto end = encoded.find("\r\n"); end != std::string::npos; end = encoded.find("\r\n", at)) {
            longest = std::max(longest, end - at);
            at = end + 2;
        }
        CHECK(longest <= 76);
        CHECK((encoded.find("=\r\n") != std::string::npos) == (length > 76));
    }
}
