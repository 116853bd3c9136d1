#include "policy/mta_sts.hpp"

#include <doctest/doctest.h>

using namespace postseal;
using namespace postseal::policy;
using namespace std::chrono_literals;
using TxtKind = TxtFinding::Kind;

namespace {

std::vector<dns::Text> records(std::initializer_list<const char*> texts) {
    std::vector<dns::Text> all;
    for (const auto* text : texts)
        all.push_back({text});
    return all;
}

std::string policyOf(std::string_view mx) {
    return "version: STSv1\r\nmode: enforce\r\nmax_age: 604800\r\n" + std::string(mx);
}

}  // namespace

TEST_CASE("rule 18: exactly one TXT record that begins with v=STSv1; announces a policy (RFC 8461 §3.1)") {
    struct Row {
        const char* why;
        std::vector<dns::Text> records;
        const char* id;  // empty: none
    };
    const Row rows[] = {
        {"the example of RFC 8461 §3.1", records({"v=STSv1; id=20160831085700Z;"}), "20160831085700Z"},
        {"without the last delimiter", records({"v=STSv1; id=1"}), "1"},
        {"without blanks", records({"v=STSv1;id=1;"}), "1"},
        {"blanks around a delimiter", records({"v=STSv1; \tid=1 \t; \t"}), "1"},
        {"other fields are ignored", records({"v=STSv1; a.b-c_d=x:y<z; id=7; z=9;"}), "7"},
        {"the order of fields does not matter", records({"v=STSv1; later=1; id=7"}), "7"},
        {"32 letters and digits", records({"v=STSv1; id=abcdefghijklmnopqrstuvwxyz012345"}),
         "abcdefghijklmnopqrstuvwxyz012345"},
        {"the first of duplicates counts (§3.2)", records({"v=STSv1; id=1; id=2"}), "1"},
        {"a later duplicate may be anything", records({"v=STSv1; id=1; id=!!"}), "1"},
        {"records of others are discarded", records({"v=spf1 -all", "v=STSv1; id=3;", "hello"}), "3"},
        {"a record of a later version is another's", records({"v=STSv2; id=9;", "v=STSv1; id=3;"}), "3"},
        {"no record at all", records({}), ""},
        {"two of them", records({"v=STSv1; id=1;", "v=STSv1; id=2;"}), ""},
        {"even two equal ones", records({"v=STSv1; id=1;", "v=STSv1; id=1;"}), ""},
        {"a malformed second one counts as one", records({"v=STSv1; id=1;", "v=STSv1; junk"}), ""},
        {"no id", records({"v=STSv1;"}), ""},
        {"no id but another field", records({"v=STSv1; x=1;"}), ""},
        {"an empty id", records({"v=STSv1; id=;"}), ""},
        {"an id of 33 characters", records({"v=STSv1; id=abcdefghijklmnopqrstuvwxyz0123456"}), ""},
        {"an id with a sign", records({"v=STSv1; id=2016-08-31;"}), ""},
        {"the first id is malformed, so a second does not help", records({"v=STSv1; id=a_b; id=1"}), ""},
        {"keywords are case-sensitive", records({"V=STSv1; id=1;"}), ""},
        {"so is the version", records({"v=stsv1; id=1;"}), ""},
        {"so is id", records({"v=STSv1; ID=1;"}), ""},
        {"it must begin the record", records({" v=STSv1; id=1;"}), ""},
        {"a blank before the first delimiter: not v=STSv1;", records({"v=STSv1 ; id=1;"}), ""},
        {"the version alone", records({"v=STSv1"}), ""},
        {"a field that is none", records({"v=STSv1; id=1; junk"}), ""},
        {"an empty field", records({"v=STSv1; id=1;; x=2"}), ""},
        {"blanks at the end without a delimiter", records({"v=STSv1; id=1 "}), ""},
        {"a value with an equals sign", records({"v=STSv1; id=1; x=a=b"}), ""},
        {"beyond US-ASCII", records({"v=STSv1; id=1; x=\xc3\xa4"}), ""},
        {"a control character", records({"v=STSv1; id=1; x=\x01"}), ""},
        {"quotes are no part of it", records({"\"v=STSv1; id=1;\""}), ""},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        const auto finding = parseTxt(row.records);
        CHECK(finding.id == row.id);
        CHECK((finding.kind == TxtKind::id) == (*row.id != 0));
        CHECK(finding.kind != TxtKind::failed);
    }
}

TEST_CASE("rule 18: a record that was meant to announce a policy, and does not, is told (RFC 8461 §3.1)") {
    struct Row {
        const char* why;
        std::vector<dns::Text> records;
        const char* words;
    };
    const Row rows[] = {
        {"a blank before the delimiter", records({"v=STSv1 ; id=1;"}),
         "the TXT record \"v=STSv1 ; id=1;\" does not begin with v=STSv1; and so announces no policy"},
        {"another case", records({"v=stsv1; id=1;"}),
         "the TXT record \"v=stsv1; id=1;\" does not begin with v=STSv1; and so announces no policy"},
        {"quotes", records({"\"v=STSv1; id=1;\""}),
         "the TXT record \"\"v=STSv1; id=1;\"\" does not begin with v=STSv1; and so announces no policy"},
        {"a blank before all, beside another's", records({"v=spf1 -all", " v=STSv1;id=1"}),
         "the TXT record \" v=STSv1;id=1\" does not begin with v=STSv1; and so announces no policy"},
        {"blanks around the equals sign", records({"v = STSv1; id=1;"}),
         "the TXT record \"v = STSv1; id=1;\" does not begin with v=STSv1; and so announces no policy"},
        {"the version alone", records({"v=STSv1"}),
         "the TXT record \"v=STSv1\" does not begin with v=STSv1; and so announces no policy"},
        {"others' records", records({"v=spf1 -all", "v=DMARC1; p=none", "hello"}), ""},
        {"a good one beside it", records({"v=STSv1 ; id=1;", "v=STSv1; id=2;"}), ""},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        CHECK(parseTxt(row.records).why == row.words);
    }
}

TEST_CASE("rule 18: no answer is not no policy") {
    dns::Answer answer{.status = dns::Status::found, .records = records({"v=STSv1; id=1;"})};
    CHECK(parseTxt(answer) == TxtFinding{TxtKind::id, "1"});
    answer.canonical = *base::DomainName::parse("_mta-sts.provider.example");  // CNAMEs are followed (§3.1)
    CHECK(parseTxt(answer) == TxtFinding{TxtKind::id, "1"});
    CHECK(parseTxt(dns::Answer{.status = dns::Status::noData}) == TxtFinding{});
    CHECK(parseTxt(dns::Answer{.status = dns::Status::noDomain}) == TxtFinding{});
    CHECK(parseTxt(dns::failed("SERVFAIL")) == TxtFinding{TxtKind::failed, {}, "SERVFAIL"});
}

TEST_CASE("rule 20: what is a policy (RFC 8461 §3.2)") {
    struct Row {
        const char* why;
        std::string text;
        MtaStsPolicy want;
    };
    const MtaStsPolicy one{StsMode::enforce, 604800s, {{"mx.example.org"}}};
    const MtaStsPolicy none{StsMode::none, 86400s, {}};
    const Row rows[] = {
        {"the example of §3.2",
         "version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.example.net\r\n"
         "mx: backupmx.example.com\r\nmax_age: 604800\r\n",
         {StsMode::enforce,
          604800s,
          {{"mail.example.com"}, {"example.net", true}, {"backupmx.example.com"}}}},
        {"LF ends a line too", "version: STSv1\nmode: enforce\nmx: mx.example.org\nmax_age: 604800\n", one},
        {"both in one text", "version: STSv1\r\nmode: enforce\nmx: mx.example.org\r\nmax_age: 604800\n", one},
        {"the last line may lack its end", policyOf("mx: mx.example.org"), one},
        {"blanks at a line's end", policyOf("mx: mx.example.org \t \r\n"), one},
        {"no blank behind the colon", policyOf("mx:mx.example.org\r\n"), one},
        {"many blanks behind the colon", policyOf("mx: \t  mx.example.org\r\n"), one},
        {"any order", "max_age: 604800\nmx: mx.example.org\nmode: enforce\nversion: STSv1\n", one},
        {"empty lines, as many servers send them", "\r\n" + policyOf("\r\nmx: mx.example.org\r\n\r\n\n"),
         one},
        {"unknown keys are ignored", policyOf("mx: mx.example.org\r\nx-new.key_1: a b: c\r\n"), one},
        {"UTF-8 in an unknown key's value", policyOf("mx: mx.example.org\r\nnote: sch\xc3\xb6n\r\n"), one},
        {"a known key in another case is an unknown one", policyOf("mx: mx.example.org\r\nMode: none\r\n"),
         one},
        {"the first mode counts", policyOf("mode: none\r\nmx: mx.example.org\r\n"), one},
        {"the first max_age counts", policyOf("max_age: 1\r\nmx: mx.example.org\r\n"), one},
        {"the first version counts", policyOf("version: STSv2\r\nmx: mx.example.org\r\n"), one},
        {"a later duplicate may be anything", policyOf("mode: what\r\nmx: mx.example.org\r\n"), one},
        {"names are compared in lower case", policyOf("mx: MX.Example.ORG\r\n"), one},
        {"none needs no mx", "version: STSv1\nmode: none\nmax_age: 86400\n", none},
        {"none may have one",
         "version: STSv1\nmode: none\nmax_age: 86400\nmx: a.example\n",
         {StsMode::none, 86400s, {{"a.example"}}}},
        {"testing",
         "version: STSv1\nmode: testing\nmax_age: 1\nmx: a.example\n",
         {StsMode::testing, 1s, {{"a.example"}}}},
        {"max_age 0", "version: STSv1\nmode: none\nmax_age: 0\n", {StsMode::none, 0s, {}}},
        {"the largest max_age",
         "version: STSv1\nmode: none\nmax_age: 31557600\n",
         {StsMode::none, 31557600s, {}}},
        {"a larger one counts as the largest",
         "version: STSv1\nmode: none\nmax_age: 9999999999\n",
         {StsMode::none, 31557600s, {}}},
        {"leading zeros", "version: STSv1\nmode: none\nmax_age: 0000086400\n", none},
        {"A-labels",
         policyOf("mx: mx.xn--bcher-kva.example\r\n"),
         {StsMode::enforce, 604800s, {{"mx.xn--bcher-kva.example"}}}},
        {"a name of one label", policyOf("mx: localhost\r\n"), {StsMode::enforce, 604800s, {{"localhost"}}}},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        const auto policy = parsePolicy(row.text);
        REQUIRE(policy);
        CHECK(*policy == row.want);
        CHECK(parsePolicy(toText(*policy)) == *policy);
    }
}

TEST_CASE("rules 20, 53: a policy lists a hundred hosts at most") {
    const auto listing = [](std::size_t count) {
        std::string hosts;
        for (std::size_t i = 0; i < count; ++i)
            hosts += "mx: mx" + std::to_string(i) + ".example.org\n";
        return parsePolicy(policyOf(hosts));
    };
    CHECK(listing(MtaStsPolicy::mostPatterns - 1));
    CHECK(listing(MtaStsPolicy::mostPatterns)->patterns.size() == 100);
    CHECK(listing(MtaStsPolicy::mostPatterns + 1).error() == "line 104: it lists more than 100 MX hosts");
}

TEST_CASE("rule 20: the text of a policy says it and nothing else") {
    CHECK(toText(MtaStsPolicy{StsMode::testing, 604800s, {{"mx.example.org"}, {"example.net", true}}}) ==
          "version: STSv1\nmode: testing\nmx: mx.example.org\nmx: *.example.net\nmax_age: 604800\n");
}

TEST_CASE("rule 20: what is none, and why (RFC 8461 §3.2)") {
    struct Row {
        const char* why;
        std::string text;
        const char* words;
    };
    const Row rows[] = {
        {"nothing", "", "it names no version"},
        {"no version", "mode: none\nmax_age: 1\n", "it names no version"},
        {"another version", "version: STSv2\nmode: none\nmax_age: 1\n",
         "line 1: the version \"STSv2\" is not STSv1"},
        {"case of the version", "version: stsv1\nmode: none\nmax_age: 1\n",
         "line 1: the version \"stsv1\" is not STSv1"},
        {"no mode", "version: STSv1\nmax_age: 1\nmx: a.example\n", "it names no mode"},
        {"case of a key", "version: STSv1\nMode: none\nmax_age: 1\n", "it names no mode"},
        {"case of a mode", "version: STSv1\nmode: Enforce\nmax_age: 1\nmx: a.example\n",
         "line 2: the mode \"Enforce\" is not enforce, testing or none"},
        {"words behind a mode", "version: STSv1\nmode: enforce now\nmax_age: 1\n",
         "line 2: the mode \"enforce now\" is not enforce, testing or none"},
        {"no max_age", "version: STSv1\nmode: none\n", "it names no max_age"},
        {"an empty max_age", "version: STSv1\nmode: none\nmax_age:\n",
         "line 3: the max_age \"\" is no number of seconds"},
        {"a negative max_age", "version: STSv1\nmode: none\nmax_age: -1\n",
         "line 3: the max_age \"-1\" is no number of seconds"},
        {"a max_age of 11 digits", "version: STSv1\nmode: none\nmax_age: 00000000001\n",
         "line 3: the max_age \"00000000001\" is no number of seconds"},
        {"a max_age in words", "version: STSv1\nmode: none\nmax_age: 1 day\n",
         "line 3: the max_age \"1 day\" is no number of seconds"},
        {"enforce without mx", policyOf(""), "it lists no MX host"},
        {"testing without mx", "version: STSv1\nmode: testing\nmax_age: 1\n", "it lists no MX host"},
        {"an empty mx", policyOf("mx:\r\n"), "line 4: \"\" is no name of an MX host"},
        {"a star alone", policyOf("mx: *\r\n"), "line 4: \"*\" is no name of an MX host"},
        {"a star and a dot", policyOf("mx: *.\r\n"), "line 4: \"*.\" is no name of an MX host"},
        {"a star within a label (§4.1)", policyOf("mx: mx*.example.org\r\n"),
         "line 4: \"mx*.example.org\" is no name of an MX host"},
        {"two stars", policyOf("mx: *.*.example.org\r\n"),
         "line 4: \"*.*.example.org\" is no name of an MX host"},
        {"a star to the right", policyOf("mx: mx.*.org\r\n"),
         "line 4: \"mx.*.org\" is no name of an MX host"},
        {"the suffix of an early draft", policyOf("mx: .example.org\r\n"),
         "line 4: \".example.org\" is no name of an MX host"},
        {"the root's dot", policyOf("mx: mx.example.org.\r\n"),
         "line 4: \"mx.example.org.\" is no name of an MX host"},
        {"U-labels",
         policyOf("mx: b\xc3\xbc"
                  "cher.example\r\n"),
         "line 4: \"b\\xc3\\xbccher.example\" is no name of an MX host"},
        {"two names in one line", policyOf("mx: a.example b.example\r\n"),
         "line 4: \"a.example b.example\" is no name of an MX host"},
        {"a line without colon", policyOf("mx a.example\r\n"),
         "line 4: \"mx a.example\" is no \"key: value\""},
        {"a blank before a key", policyOf(" mx: a.example\r\n"),
         "line 4: \" mx: a.example\" is no \"key: value\""},
        {"a blank before the colon", policyOf("mx : a.example\r\n"),
         "line 4: \"mx : a.example\" is no \"key: value\""},
        {"a key of 33 characters", policyOf("abcdefghijklmnopqrstuvwxyz0123456: x\r\n"),
         "line 4: \"abcdefghijklmnopqrstuvwxyz0123456: x\" is no \"key: value\""},
        {"a page instead of a policy", "<!DOCTYPE html>\n<html>",
         "line 1: \"<!DOCTYPE html>\" is no \"key: value\""},
        {"a NUL", policyOf(std::string("mx: a.example\0\r\n", 16)), "line 4: it has a control character"},
        {"a bare CR ends no line", "version: STSv1\rmode: none\rmax_age: 1\r",
         "line 1: it has a control character"},
        {"more than 64 KiB", policyOf("mx: a.example\r\n" + std::string(65536, '\n')),
         "it is larger than 64 KiB"},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        const auto policy = parsePolicy(row.text);
        REQUIRE(!policy);
        CHECK(policy.error() == row.words);
    }
}

TEST_CASE("rule 23: the name in the MX record is matched, and a star is exactly one label (RFC 8461 §4.1)") {
    struct Row {
        const char* why;
        const char* pattern;
        const char* host;
        bool listed;
    };
    const Row rows[] = {
        {"the name itself", "mail.example.com", "mail.example.com", true},
        {"another name", "mail.example.com", "mail2.example.com", false},
        {"what is below it", "mail.example.com", "a.mail.example.com", false},
        {"what is above it", "mail.example.com", "example.com", false},
        {"a name that only ends so", "mail.example.com", "evilmail.example.com", false},
        {"one label", "*.example.com", "mail.example.com", true},
        {"any label", "*.example.com", "xn--bcher-kva.example.com", true},
        {"no label", "*.example.com", "example.com", false},
        {"two labels", "*.example.com", "foo.bar.example.com", false},
        {"an empty label", "*.example.com", ".example.com", false},
        {"a name that only ends so", "*.example.com", "evilexample.com", false},
        {"one label above the top", "*.com", "example.com", true},
        {"the pattern's own form is no host", "*.example.com", "*.example.org", false},
        {"upper case in the policy", "MAIL.example.COM", "mail.example.com", true},
        {"an A-label", "mx.xn--bcher-kva.example", "mx.xn--bcher-kva.example", true},
        {"an address is no name", "mail.example.com", "192.0.2.1", false},
        {"nothing", "mail.example.com", "", false},
    };
    for (const auto& row : rows) {
        INFO(row.why << ": " << row.pattern << " and " << row.host);
        const auto policy = parsePolicy(policyOf("mx: " + std::string(row.pattern) + "\r\n"));
        REQUIRE(policy);
        CHECK(lists(*policy, row.host) == row.listed);
    }
    CHECK(!lists({StsMode::none, 1s, {}}, "mail.example.com"));
}

TEST_CASE("rules 23, 25: enforce asks for a certificate of the MX's own name; testing and none ask nothing") {
    using Kind = record::NamePattern::Kind;
    const auto enforced = mtaStsClaim({StsMode::enforce, 1s, {{"example.com", true}}}, "7");
    CHECK(enforced.origin.kind == record::Origin::Kind::mtaSts);
    CHECK(enforced.level == record::Level::secure);
    REQUIRE(enforced.conditions.size() == 1);
    CHECK(std::get<record::NamesCondition>(enforced.conditions[0]).by == record::Proof::mtaSts);
    // Not the policy's pattern: a certificate for another host below example.com proves nothing here.
    CHECK(std::get<record::NamesCondition>(enforced.conditions[0]).patterns ==
          std::vector<record::NamePattern>{{Kind::hostname}});
    CHECK(enforced.detail == "MTA-STS policy 7, mode enforce");
    for (const auto mode : {StsMode::testing, StsMode::none}) {
        const auto claim = mtaStsClaim({mode, 1s, {{"mail.example.com"}}}, "7");
        CHECK(claim.level == record::Level::may);
        CHECK(claim.conditions.empty());
        CHECK(claim.detail == "MTA-STS policy 7, mode " + std::string(toText(mode)));
    }
}

TEST_CASE("rules 19, 24: the names to ask are the domain's own, not a parent's") {
    const auto domain = *base::DomainName::parse("mail.B\xc3\xbc"
                                                 "cher.example");
    CHECK(stsRecordName(domain)->text() == "_mta-sts.mail.xn--bcher-kva.example");
    CHECK(stsPolicyHost(domain)->text() == "mta-sts.mail.xn--bcher-kva.example");
    const std::string label(61, 'a');
    const auto longest = base::DomainName::parse(label + '.' + label + '.' + label + '.' + label + ".abc");
    REQUIRE(longest);
    CHECK(!stsRecordName(*longest));
}
