#include "log/line.hpp"

#include <doctest/doctest.h>

using namespace postseal::log;

namespace {

std::string postfix(const Line& line) {
    std::string out;
    appendPostfix(out, line);
    return out;
}

std::string json(const Line& line) {
    std::string out;
    appendJson(out, line);
    return out;
}

}  // namespace

TEST_CASE("a line has Postfix's shape, and the same facts in JSON") {
    struct Row {
        const char* why;
        Line line;
        const char* postfix;
        const char* json;
    };
    const Row rows[] = {
        {"fields after a queue id",
         Line("BCD1").field("from", "<a@b>").field("size", 12).field("nrcpt", 1).note("queue active"),
         "BCD1: from=<a@b>, size=12, nrcpt=1 (queue active)",
         R"("queue_id":"BCD1","from":"<a@b>","size":"12","nrcpt":"1","note":"queue active")"},
        {"words after a queue id", Line("BCD1").text("removed"), "BCD1: removed",
         R"("queue_id":"BCD1","message":"removed")"},
        {"words alone", Line().text("connect from h[192.0.2.1]"), "connect from h[192.0.2.1]",
         R"("message":"connect from h[192.0.2.1]")"},
        {"commas within a value divide nothing", Line("B").field("relay", "a, b").field("status", "sent"),
         "B: relay=a, b, status=sent", R"("queue_id":"B","relay":"a, b","status":"sent")"},
        {"quotes", Line("B").text("say \"x\""), "B: say \"x\"", R"("queue_id":"B","message":"say \"x\"")"},
        {"nothing", Line(), "", ""},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        CHECK(postfix(row.line) == row.postfix);
        CHECK(json(row.line) == row.json);
    }
}

TEST_CASE("rule 55: text from outside is escaped and bounded, and never makes a second line") {
    const std::string hostile("a\nb\x1e\x1f\x1c\r\0\x80\\", 10);
    const auto line = Line("B").field("helo", hostile).text(hostile).note(hostile);
    CHECK(postfix(line).find_first_of(std::string_view("\n\r\x1e\x1f\x1c\0\x80", 7)) == std::string::npos);
    CHECK(postfix(Line().text(hostile)) == "a\\x0ab\\x1e\\x1f\\x1c\\x0d\\x00\\x80\\x5c");
    CHECK(json(Line().text("a\nb")) == R"("message":"a\\x0ab")");

    Line longLine("B");
    for (int i = 0; i < 100; ++i)
        longLine.field("to", std::string(100'000, 'x'));
    CHECK(postfix(longLine).size() < 8192);
    CHECK(postfix(longLine).find("xxx...") != std::string::npos);
}

TEST_CASE("a field beside another has no comma in Postfix's shape, and is a member of its own in JSON") {
    Line line("QID");
    line.field("dsn", "2.0.0").fieldBeside("tls", "may/encrypted").field("status", "sent").note("250 ok");
    std::string postfix, json;
    appendPostfix(postfix, line);
    appendJson(json, line);
    CHECK(postfix == "QID: dsn=2.0.0 tls=may/encrypted, status=sent (250 ok)");
    CHECK(json == R"("queue_id":"QID","dsn":"2.0.0","tls":"may/encrypted","status":"sent","note":"250 ok")");
}
