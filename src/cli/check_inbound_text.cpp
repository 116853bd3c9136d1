#include "cli/check_inbound_text.hpp"

#include "record/json_text.hpp"

#include <fmt/core.h>

namespace postseal::cli {
namespace {

std::string_view toText(app::InboundChecked::Verdict verdict) {
    switch (verdict) {
    case app::InboundChecked::Verdict::accepted: return "accepted";
    case app::InboundChecked::Verdict::refused: return "refused";
    case app::InboundChecked::Verdict::testing: return "testing";
    case app::InboundChecked::Verdict::unknown: break;
    }
    return "unknown";
}

}  // namespace

std::string toJson(const app::InboundChecked& checked) {
    record::JsonText json;
    json.open('{');
    json.member("domain", checked.domain).member("verdict", toText(checked.verdict));
    json.member("sentence", checked.sentence).key("rules");
    json.open('[');
    for (const auto& [rule, won, fault, found] : checked.rules) {
        json.open('{');
        json.member("key", rule.key.text).member("origin", record::toText(rule.origin));
        json.member("level", policy::toText(rule.level)).member("mode", policy::toText(rule.mode));
        json.member("won", won).member("where", rule.where).member("found", found);
        json.close('}');
    }
    json.close(']');
    json.close('}');
    return json.take();
}

std::string forPeople(const app::InboundChecked& checked) {
    auto text = checked.sentence + '\n';
    for (const auto& note : checked.rules)
        text += fmt::format("  {} {:<40} {} ({}){}\n", note.won ? '*' : ' ', nameOf(note.rule),
                            note.rule.where.empty() ? record::toText(note.rule.origin) : note.rule.where,
                            policy::toText(note.rule.mode), note.found.empty() ? "" : ": " + note.found);
    return text;
}

}  // namespace postseal::cli
