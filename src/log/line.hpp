// One line of the log before it is rendered: a queue id, named fields, free words. What comes from outside is
// escaped and bounded as it enters (rule 55), so a line is always one line. Rendered as Postfix does
// (`QID: to=<a@b>, status=sent (250 ok)`) or as a JSON object. No I/O here; any thread, one at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace postseal::log {

enum class Level { debug, info, warning, error };

class Line {
public:
    Line() = default;
    /// The line begins with `QUEUEID: `; "NOQUEUE" where there is none yet.
    explicit Line(std::string_view queueId);

    /// `name=value`, after a comma when it is not the first.
    Line& field(std::string_view name, std::string_view value);
    Line& field(std::string_view name, std::int64_t value);
    /// ` name=value` after the field before, without a comma: a field that Postfix's readers don't know and
    /// take for a part of the one before.
    Line& fieldBeside(std::string_view name, std::string_view value);
    /// ` (words)` after the field before: the reply behind a status.
    Line& note(std::string_view words);
    /// Words that stand for themselves.
    Line& text(std::string_view words);

private:
    friend void appendPostfix(std::string& out, const Line& line);
    friend void appendJson(std::string& out, const Line& line);
    void beginItem();

    // Items and their parts are divided by control characters, which no escaped text can hold.
    std::string marked_;
};

void appendPostfix(std::string& out, const Line& line);
/// The members of a JSON object without its braces: `"queue_id":"…","to":"<a@b>"`. Empty for an empty line.
void appendJson(std::string& out, const Line& line);
/// `words` as a JSON string with its quotes; bytes above 127 pass, controls are escaped.
void appendJsonString(std::string& out, std::string_view words);

}  // namespace postseal::log
