#include "net/trust_anchor.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

using namespace postseal::net;

TEST_CASE("the trust anchors of a file: what may stand in it, and that none is an error") {
    struct Row {
        const char* why;
        std::string_view text;
        std::vector<std::string> want;  // empty: an error
    };
    const Row rows[] = {
        {"dns-root-data", ". IN DNSKEY 257 3 8 AwEAAa== ; keytag 20326\n", {". IN DNSKEY 257 3 8 AwEAAa=="}},
        {"two, without an end of line",
         ". IN DS 1 8 2 AA\r\n\t.  60 IN\tds 2 8 2 BB BB",
         {". IN DS 1 8 2 AA", ". 60 IN ds 2 8 2 BB BB"}},
        {"without a class", "example. DS 1 8 2 AA\n", {"example. DS 1 8 2 AA"}},
        {"RFC 5011: valid and missing count; waiting, revoked and removed do not",
         "; autotrust trust anchor file\n;;id: . 1\n"
         ".\t86400\tIN\tDNSKEY\t257 3 8 AA= ;{id = 1 (ksk)} ;;state=2 [  VALID  ] ;;count=0\n"
         ".\t86400\tIN\tDNSKEY\t257 3 8 BB= ;{id = 2 (ksk)} ;;state=1 [ ADDPEND ] ;;count=0\n"
         ".\t86400\tIN\tDNSKEY\t257 3 8 CC= ;{id = 3 (ksk)} ;;state=3 [ MISSING ] ;;count=0\n"
         ".\t86400\tIN\tDNSKEY\t385 3 8 DD= ;{id = 4 (ksk)} ;;state=4 [ REVOKED ] ;;count=0\n",
         {". 86400 IN DNSKEY 257 3 8 AA=", ". 86400 IN DNSKEY 257 3 8 CC="}},
        {"all of them revoked", ". IN DNSKEY 385 3 8 DD= ;;state=4 [ REVOKED ]\n", {}},
        {"a state cut off", ". IN DNSKEY 257 3 8 DD= ;;state=", {}},
        {"nothing", "", {}},
        {"comments alone: libunbound would validate nothing, and say so nowhere", "; . IN DS 1 8 2 AA\n", {}},
        {"another file", "nameserver 127.0.0.1\n", {}},
    };
    for (const auto& row : rows) {
        INFO(std::string(row.why));
        const auto anchors = parseTrustAnchors(row.text);
        CHECK(anchors.has_value() == !row.want.empty());
        if (anchors) CHECK(*anchors == row.want);
    }
    CHECK_FALSE(parseTrustAnchors(". DS " + std::string(10'000, 'A')));
}

TEST_CASE("dns-root-data's file") {
    std::ifstream file("/usr/share/dns/root.key");
    const auto anchors = parseTrustAnchors(std::string(std::istreambuf_iterator(file), {}));
    REQUIRE(anchors);
    CHECK(anchors->front().starts_with(". IN DNSKEY 257 3 8 "));
}
