#include "dns/message.hpp"

#include <doctest/doctest.h>

namespace postseal::dns {
namespace {

using namespace std::string_literals;
using record::DnssecStatus;

base::DomainName name(std::string_view text) {
    return *base::DomainName::parse(text);
}

const std::string pointer = "\xc0\x0c";  // to the question's name

std::string wire(std::string_view text) {
    std::string name;
    while (!text.empty()) {
        const auto label = text.substr(0, text.find('.'));
        name += static_cast<char>(label.size());
        name += label;
        text.remove_prefix(std::min(label.size() + 1, text.size()));
    }
    return name + '\0';
}

std::string record(const std::string& owner, char type, const std::string& data, char ttl = 60) {
    return owner + "\0"s + type + "\0\x01\0\0\0"s + ttl + '\0' + static_cast<char>(data.size()) + data;
}

struct Message {
    std::string_view flags = "\x81\x80";
    std::vector<std::string> answers = {}, authorities = {};
    std::string_view asked = "example.org";
    char type = 1;

    std::vector<std::byte> bytes() const {
        std::string all = "\x12\x34"s + std::string(flags) + "\0\x01\0"s + static_cast<char>(answers.size()) +
                          '\0' + static_cast<char>(authorities.size()) + "\0\0"s + wire(asked) + '\0' + type +
                          "\0\x01"s;
        for (const auto* section : {&answers, &authorities})
            for (const auto& one : *section)
                all += one;
        const auto view = std::as_bytes(std::span(all));
        return {view.begin(), view.end()};
    }
};

std::string shown(const Message& message, Type type = Type::a) {
    const auto read = readAnswer({name("example.org"), type}, 0x1234, message.bytes());
    if (std::holds_alternative<NotOurs>(read)) return "not ours";
    if (std::holds_alternative<Truncated>(read)) return "truncated";
    const auto& answer = std::get<Answer>(read);
    std::string text;
    switch (answer.status) {
    case Status::found: text = "found"; break;
    case Status::noData: text = "no data"; break;
    case Status::noDomain: text = "no domain"; break;
    case Status::failed: return "failed";
    }
    if (answer.dnssec == DnssecStatus::secure) text += " secure";
    if (answer.canonical) text += " as " + answer.canonical->text();
    for (const auto& address : answer.all<base::IpAddress>())
        text += " " + address.toText();
    for (const auto& mx : answer.all<Mx>())
        text += " " + mx.host->text();
    if (const auto* target = std::get_if<base::DomainName>(&answer.records)) text += " " + target->text();
    return text + " " + std::to_string(answer.ttl.count());
}

const std::string one = record(pointer, 1, "\x08\0\0\x01"s);

}  // namespace

TEST_CASE("rule 17: does a server pass the root's keys on with their signatures (RFC 4035 §3.2.1)") {
    const auto answer = [](std::string_view flags, const std::vector<std::uint16_t>& types) {
        auto all = "\x12\x34"s + std::string(flags) + "\0\1\0"s + static_cast<char>(types.size()) +
                   "\0\0\0\0\0\0\x30\0\1"s;
        for (const auto type : types)
            all += "\0\0"s + static_cast<char>(type) + "\0\1\0\0\0\x3c\0\4data"s;
        return all;
    };
    struct Row {
        const char* why;
        std::string bytes;
        KeysAnswer want;
    };
    const Row rows[] = {
        {"keys and signatures", answer("\x81\x80", {48, 48, 46}), KeysAnswer::withSignatures},
        {"keys alone", answer("\x81\x80", {48, 48}), KeysAnswer::withoutSignatures},
        {"nothing", answer("\x81\x80", {}), KeysAnswer::withoutSignatures},
        {"SERVFAIL", answer("\x81\x82", {}), KeysAnswer::refused},
        {"cut: no word against it", answer("\x83\x80", {}), KeysAnswer::withSignatures},
        {"a question, not an answer", answer("\x01"s + '\0', {}), KeysAnswer::notOurs},
        {"another one's", "\x12\x35" + answer("\x81\x80", {48}).substr(2), KeysAnswer::notOurs},
        {"cut short", answer("\x81\x80", {48, 46}).substr(0, 30), KeysAnswer::refused},
        {"nothing at all", "", KeysAnswer::notOurs},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        CHECK(readKeysAnswer(0x1234, std::as_bytes(std::span(row.bytes))) == row.want);
    }
    const auto question = encodeKeysQuestion(0x1234);
    CHECK(question.size() == 28);
    CHECK(std::to_integer<int>(question[2]) == 1);      // recursion
    CHECK(std::to_integer<int>(question[24]) == 0x80);  // DO
}

TEST_CASE("rule 17: what a resolver of this machine answers (RFC 1035 §4.1, RFC 6840 §5.7)") {
    const auto soa = record(pointer, 6, wire("ns") + wire("me") + std::string(16, '\0') + "\0\0\0\x1e"s);
    struct Row {
        const char* why;
        Message message;
        std::string want;
        Type type = Type::a;
    };
    const Row rows[] = {
        {"an address", {.answers = {one}}, "found 8.0.0.1 60"},
        {"the AD bit", {.flags = "\x81\xa0", .answers = {one}}, "found secure 8.0.0.1 60"},
        {"upper case in the question's copy", {.answers = {one}, .asked = "EXAMPLE.org"}, "found 8.0.0.1 60"},
        {"records of others and of other types are left out",
         {.answers = {record(wire("other.org"), 1, "\x08\0\0\x02"s), record(pointer, 16, "\1x"), one}},
         "found 8.0.0.1 60"},
        {"along aliases, in any order, the smallest TTL",
         {.answers = {record(wire("b.org"), 1, "\x08\0\0\x03"s), record(pointer, 5, wire("a.org"), 30),
                      record(wire("A.org"), 5, wire("B.org"))}},
         "found as b.org 8.0.0.3 30"},
        {"an alias of nothing",
         {.flags = "\x81\xa3", .answers = {record(pointer, 5, wire("a.org"))}, .authorities = {soa}},
         "no domain secure as a.org 30"},
        {"an alias of itself has no end", {.answers = {record(pointer, 5, pointer)}}, "failed"},
        {"an alias of what is no domain name", {.answers = {record(pointer, 5, wire("a b"))}}, "failed"},
        {"the alias itself is asked for",
         {.answers = {record(pointer, 5, wire("a.org"))}, .type = 5},
         "found a.org 60",
         Type::cname},
        {"MX, its name compressed",
         {.answers = {record(pointer, 15, "\0\x0a\2mx"s + pointer)}, .type = 15},
         "found mx.example.org 60",
         Type::mx},
        {"no data, proven", {.flags = "\x81\xa0", .authorities = {soa}}, "no data secure 30"},
        {"no data, and nothing says for how long", {}, "no data 0"},
        {"NXDOMAIN", {.flags = "\x81\x83"}, "no domain 0"},
        {"SERVFAIL is no absence, whatever the AD bit says", {.flags = "\x81\xa2"}, "failed"},
        {"REFUSED", {.flags = "\x81\x85"}, "failed"},
        {"truncated: ask by TCP", {.flags = "\x83\x80", .answers = {one}}, "truncated"},
        {"a question is no answer", {.flags = "\x01\x80", .answers = {one}}, "not ours"},
        {"another opcode", {.flags = "\xa1\x80", .answers = {one}}, "not ours"},
        {"another name's answer", {.answers = {one}, .asked = "example.net"}, "not ours"},
        {"another type's", {.answers = {one}, .type = 28}, "not ours"},
        {"an address of five bytes", {.answers = {record(pointer, 1, "\x08\0\0\0\x01"s)}}, "failed"},
        {"a name that points to itself", {.answers = {record("\xc0\x1d"s, 1, "\x08\0\0\x01"s)}}, "failed"},
        {"a name that points ahead", {.answers = {record("\xc0\xff"s, 1, "\x08\0\0\x01"s)}}, "failed"},
        {"more records promised than there are", {.answers = {one, ""}}, "failed"},
        {"data behind an alias's name", {.answers = {record(pointer, 5, wire("a.org") + "x")}}, "failed"},
    };
    for (const auto& row : rows) {
        INFO(std::string(row.why));
        CHECK(shown(row.message, row.type) == row.want);
    }
    INFO("another id");
    CHECK(std::holds_alternative<NotOurs>(
        readAnswer({name("example.org"), Type::a}, 0x1235, Message{.answers = {one}}.bytes())));
}

TEST_CASE("an answer cut anywhere is not ours or failed, never found") {
    const auto whole = Message{.answers = {one, one}}.bytes();
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const auto read = readAnswer({name("example.org"), Type::a}, 0x1234, std::span(whole).first(size));
        const auto* answer = std::get_if<Answer>(&read);
        CHECK((answer == nullptr || answer->status == Status::failed));
    }
}

TEST_CASE("a question asks for recursion and for the AD bit, and takes 1232 bytes") {
    const auto bytes = encodeQuestion({name("_25._tcp.mx.example"), Type::tlsa}, 0x1234);
    const std::string want = "\x12\x34\x01\x20\0\1\0\0\0\0\0\1"s + wire("_25._tcp.mx.example") +
                             "\0\x34\0\1"s + "\0\0\x29\x04\xd0\0\0\0\0\0\0"s;
    CHECK(std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()) == want);
}

}  // namespace postseal::dns
