#include "base/time.hpp"

#include "base/ascii.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace postseal::base {
namespace {

using namespace std::chrono;

constexpr std::array<std::string_view, 7> weekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct Parts {
    year_month_day date;
    weekday day;
    hh_mm_ss<Microseconds> clock;
};

Parts partsOf(Timestamp time) {
    const auto day = floor<days>(time);
    return {year_month_day(day), weekday(day), hh_mm_ss<Microseconds>(time - day)};
}

/// Takes exactly `digits` digits from the front.
std::optional<int> takeNumber(std::string_view& text, std::size_t digits) {
    if (text.size() < digits) return std::nullopt;
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
        if (!isDigit(text[i])) return std::nullopt;
        value = value * 10 + (text[i] - '0');
    }
    text.remove_prefix(digits);
    return value;
}

bool take(std::string_view& text, char c) {
    if (text.empty() || toLower(text.front()) != c) return false;
    text.remove_prefix(1);
    return true;
}

std::optional<sys_days> takeDate(std::string_view& text) {
    const auto y = takeNumber(text, 4);
    if (!y || !take(text, '-')) return std::nullopt;
    const auto m = takeNumber(text, 2);
    if (!m || !take(text, '-')) return std::nullopt;
    const auto d = takeNumber(text, 2);
    if (!d) return std::nullopt;
    const year_month_day date(year(*y), month(static_cast<unsigned>(*m)), day(static_cast<unsigned>(*d)));
    if (!date.ok()) return std::nullopt;
    return sys_days(date);
}

std::optional<Microseconds> takeClock(std::string_view& text) {
    const auto h = takeNumber(text, 2);
    if (!h || !take(text, ':')) return std::nullopt;
    const auto m = takeNumber(text, 2);
    if (!m || !take(text, ':')) return std::nullopt;
    const auto s = takeNumber(text, 2);
    if (!s || *h > 23 || *m > 59 || *s > 60) return std::nullopt;
    Microseconds clock = hours(*h) + minutes(*m) + seconds(*s);
    if (take(text, '.')) {
        Microseconds unit = milliseconds(100);
        if (text.empty() || !isDigit(text.front())) return std::nullopt;
        for (; !text.empty() && isDigit(text.front()); text.remove_prefix(1)) {
            clock += unit * (text.front() - '0');
            unit /= 10;
        }
    }
    return clock;
}

std::optional<minutes> takeOffset(std::string_view& text) {
    if (take(text, 'z')) return minutes(0);
    const bool west = !text.empty() && text.front() == '-';
    if (!west && (text.empty() || text.front() != '+')) return std::nullopt;
    text.remove_prefix(1);
    const auto h = takeNumber(text, 2);
    if (!h || !take(text, ':')) return std::nullopt;
    const auto m = takeNumber(text, 2);
    if (!m || *h > 23 || *m > 59) return std::nullopt;
    const minutes offset = hours(*h) + minutes(*m);
    return west ? -offset : offset;
}

struct Unit {
    char letter;
    seconds length;
};
constexpr std::array<Unit, 6> units{{{'y', days(365)},
                                     {'w', days(7)},
                                     {'d', days(1)},
                                     {'h', hours(1)},
                                     {'m', minutes(1)},
                                     {'s', seconds(1)}}};

}  // namespace

std::string toRfc3339(Timestamp time) {
    const auto [date, day, clock] = partsOf(time);
    std::string text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                                   static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                                   clock.hours().count(), clock.minutes().count(), clock.seconds().count());
    if (const auto fraction = clock.subseconds().count(); fraction != 0)
        text += fmt::format(".{:06}", fraction);
    return text + 'Z';
}

std::string toRfc5322(Timestamp time) {
    const auto [date, day, clock] = partsOf(time);
    return fmt::format("{}, {} {} {:04} {:02}:{:02}:{:02} +0000", weekdays[day.c_encoding()],
                       static_cast<unsigned>(date.day()), months[static_cast<unsigned>(date.month()) - 1],
                       static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
                       clock.seconds().count());
}

std::optional<Timestamp> parseRfc3339(std::string_view text) {
    const auto date = takeDate(text);
    if (!date) return std::nullopt;
    if (text.empty()) return Timestamp(*date);
    if (!take(text, 't') && !take(text, ' ')) return std::nullopt;
    const auto clock = takeClock(text);
    if (!clock) return std::nullopt;
    const auto offset = takeOffset(text);
    if (!offset || !text.empty()) return std::nullopt;
    return Timestamp(*date) + *clock - *offset;
}

std::optional<seconds> parseDuration(std::string_view text) {
    constexpr std::int64_t longest =
        100LL * 365 * 24 * 3600;  // a century: more is a mistake, and sums can't overflow
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc() || count < 0 || count > longest) return std::nullopt;
    const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
    if (unit.empty()) return seconds(count);
    if (unit.size() != 1) return std::nullopt;
    const auto* const found = std::ranges::find(units, toLower(unit.front()), &Unit::letter);
    if (found == units.end() || count > longest / found->length.count()) return std::nullopt;
    return count * found->length;
}

std::string toText(seconds duration) {
    for (const Unit& unit : units) {
        if (unit.letter == 'y' || unit.letter == 'w') continue;  // people read 14d more easily than 2w
        if (duration >= unit.length && duration % unit.length == seconds(0))
            return fmt::format("{}{}", duration / unit.length, unit.letter);
    }
    return "0s";
}

}  // namespace postseal::base
