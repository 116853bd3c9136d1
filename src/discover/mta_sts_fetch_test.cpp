#include "discover/mta_sts_fetch.hpp"

#include <doctest/doctest.h>

using namespace postseal;
using namespace postseal::discover;

namespace {

net::HttpsResponse served(std::string type = "text/plain") {
    return {.status = 200, .contentType = std::move(type), .body = "version: STSv1\n"};
}

dns::Answer addresses(std::initializer_list<const char*> texts) {
    std::vector<base::IpAddress> all;
    for (const auto* text : texts)
        all.push_back(*base::IpAddress::parse(text));
    return {.status = dns::Status::found, .records = std::move(all)};
}

const dns::Answer nothing{.status = dns::Status::noData};

}  // namespace

TEST_CASE("rule 19: 200 and text/plain, or there is no policy (RFC 8461 §3.2, §3.3)") {
    struct Row {
        const char* why;
        net::HttpsResponse response;
        const char* words;  // empty: taken
    };
    auto answered = [](unsigned status) {
        auto response = served();
        response.status = status;
        return response;
    };
    auto packed = served();
    packed.contentEncoding = "gzip";
    auto plain = served();
    plain.contentEncoding = "Identity";
    auto cut = served();
    cut.isWhole = false;
    cut.body = "max_age: 6";
    auto whole = served();
    whole.isWhole = false;
    const Row rows[] = {
        {"the type alone", served(), ""},
        {"parameters are ignored", served("text/plain; charset=iso-8859-1; x=y"), ""},
        {"a type has no case", served("Text/PLAIN ;charset=utf-8"), ""},
        {"a page", served("text/html"), "its answer is of type \"text/html\", not text/plain"},
        {"no type", served(""), "its answer is of type \"\", not text/plain"},
        {"a longer type", served("text/plainer"), "its answer is of type \"text/plainer\", not text/plain"},
        {"foreign text is escaped", served("a\nb"), "its answer is of type \"a\\x0ab\", not text/plain"},
        {"moved", answered(301), "it answered 301, and redirects are not followed"},
        {"found elsewhere", answered(302), "it answered 302, and redirects are not followed"},
        {"not modified: there is no HTTP cache", answered(304),
         "it answered 304, and redirects are not followed"},
        {"moved for good", answered(308), "it answered 308, and redirects are not followed"},
        {"not found", answered(404), "it answered 404"},
        {"a fault", answered(500), "it answered 500"},
        {"another success", answered(204), "it answered 204"},
        {"a part", answered(206), "it answered 206"},
        {"go on", answered(100), "it answered 100"},
        {"compressed", packed, "its answer is encoded as \"gzip\", which was not asked for"},
        {"not compressed", plain, ""},
        {"cut within a line", cut, "its answer may have been cut short: nothing told its end"},
        {"ended at a line's end", whole, ""},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        const auto text = policyText(row.response);
        CHECK((text ? std::string() : text.error()) == row.words);
    }
}

TEST_CASE("rule 58: a policy host is asked at public addresses alone, or those that are allowed") {
    const StsFetchSettings strict{.ourEndpoints = {{*base::IpAddress::parse("8.0.0.9"), 443}}};
    const StsFetchSettings lax{.port = 8443, .allowed = {*base::Network::parse("127.0.0.0/8")}};
    struct Row {
        const char* why;
        const StsFetchSettings& settings;
        dns::Answer v4, v6;
        std::vector<std::string> want;
        const char* words = "";
    };
    const Row rows[] = {
        {"both families by turns",
         strict,
         addresses({"8.0.0.1", "8.0.0.2"}),
         addresses({"2600::1"}),
         {"[2600::1]:443", "8.0.0.1:443", "8.0.0.2:443"}},
        {"one family is enough", strict, addresses({"8.0.0.1"}), dns::failed("SERVFAIL"), {"8.0.0.1:443"}},
        {"special ones are left out", strict, addresses({"10.0.0.1", "8.0.0.1"}), nothing, {"8.0.0.1:443"}},
        {"none is left",
         strict,
         addresses({"127.0.0.1"}),
         nothing,
         {},
         "its addresses are not public, and allow_addresses does not list them"},
        {"our own listener",
         strict,
         addresses({"8.0.0.9"}),
         nothing,
         {},
         "its addresses are not public, and allow_addresses does not list them"},
        {"allowed, at the port of the settings", lax, addresses({"127.0.0.1"}), nothing, {"127.0.0.1:8443"}},
        {"no address", strict, nothing, nothing, {}, "the policy host has no address"},
        {"no answer", strict, nothing, dns::failed("SERVFAIL"), {}, "SERVFAIL"},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        const auto found = policyHostAddresses(row.v4, row.v6, row.settings);
        CHECK((found ? std::string() : found.error()) == row.words);
        std::vector<std::string> texts;
        if (found)
            for (const auto& endpoint : *found)
                texts.push_back(net::toText(endpoint));
        CHECK(texts == row.want);
    }
}
