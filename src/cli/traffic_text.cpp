#include "cli/traffic_text.hpp"

#include "base/ascii.hpp"

#include <fmt/core.h>

namespace postseal::cli {
namespace {

using ledger::TrafficBy;
using ledger::TrafficRow;
using record::Direction;

std::string nameOf(const TrafficRow& row, TrafficBy by) {
    if (!row.name.empty()) return base::escaped(row.name, 255);
    return by == TrafficBy::all ? "all" : "(no host)";
}

std::string lineOf(const TrafficRow& row, TrafficBy by) {
    return fmt::format("{:<4} {:<32} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}\n", toText(row.direction),
                       nameOf(row, by), row.sealed, row.encrypted, row.open, row.local, row.waiting,
                       row.returned);
}

/// `Of 20 that left by a network 75 % were sealed, 20 % encrypted, 5 % in clear text.`
std::string sharesOf(const std::vector<TrafficRow>& rows, Direction direction) {
    TrafficRow sum;
    for (const auto& row : rows) {
        if (row.direction != direction) continue;
        sum.sealed += row.sealed;
        sum.encrypted += row.encrypted;
        sum.open += row.open;
    }
    const auto all = sum.travelled();
    if (all == 0) return {};
    const auto share = [all](std::int64_t part) {
        return fmt::format("{:.4g} %", 100.0 * static_cast<double>(part) / static_cast<double>(all));
    };
    return fmt::format("Of {} that {} over a network {} were sealed, {} encrypted, {} in clear text.\n", all,
                       direction == Direction::out ? "left" : "came", share(sum.sealed), share(sum.encrypted),
                       share(sum.open));
}

/// `A Postfix asked for policies 12 times: 10 secure, 2 no entry.`
std::string answersOf(const ledger::PolicyAnswers& answers) {
    std::string all;
    std::int64_t count = 0;
    for (const auto& [answer, times] : answers) {
        all += fmt::format("{}{} {}", all.empty() ? "" : ", ", times, base::escaped(answer, 50));
        count += times;
    }
    return count == 0 ? all : fmt::format("A Postfix asked for policies {} times: {}.\n", count, all);
}

}  // namespace

std::string forPeople(const std::vector<TrafficRow>& rows, TrafficBy by, base::Timestamp since,
                      const ledger::PolicyAnswers& answers) {
    auto out = since == base::Timestamp()
                   ? std::string("All that is recorded, counted by recipient\n\n")
                   : fmt::format("Since {}, counted by recipient\n\n", base::toRfc3339(since));
    const auto what = by == TrafficBy::all ? std::string() : base::toUpper(toText(by));
    out += fmt::format("{:<4} {:<32} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}\n", "", what, "SEALED", "ENCRYPTED",
                       "OPEN", "LOCAL", "WAITING", "RETURNED");
    for (const auto& row : rows)
        out += lineOf(row, by);
    if (rows.empty()) out += "nothing yet\n";
    const auto below = sharesOf(rows, Direction::out) + sharesOf(rows, Direction::in) + answersOf(answers);
    return below.empty() ? out : out + '\n' + below;
}

}  // namespace postseal::cli
