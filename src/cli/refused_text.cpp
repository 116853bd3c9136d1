#include "cli/refused_text.hpp"

#include "base/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace postseal::cli {
namespace {

using ledger::RefusedSum;

std::string shown(std::string_view foreign) {
    return base::escaped(foreign, 120);
}

std::string recipientsOf(const RefusedSum& sum) {
    constexpr std::size_t most = 5;
    std::vector<std::string> some;
    for (const auto& recipient : sum.recipients) {
        if (some.size() == most) break;
        some.push_back(shown(recipient));
    }
    auto text = fmt::format("{}", fmt::join(some, ", "));
    const auto more = sum.recipients.size() - some.size();
    if (more > 0)
        text +=
            fmt::format(" and {}{} more", more, sum.recipients.size() >= RefusedSum::mostShown ? " or" : "");
    return text;
}

std::string textOf(const RefusedSum& sum) {
    auto text =
        fmt::format("{:>7} {} from {} by {}\n", sum.count, sum.mode == "testing" ? "(testing)" : "refused",
                    sum.senderDomain.empty() ? "<>" : shown(sum.senderDomain), shown(sum.client));
    text += fmt::format("        rule {} ({}), {} to {}\n", shown(sum.rule), shown(sum.origin),
                        base::toRfc3339(sum.first), base::toRfc3339(sum.last));
    text += fmt::format("        to {}\n        {}\n", recipientsOf(sum), base::escaped(sum.reason, 400));
    return text;
}

}  // namespace

std::string forPeople(const std::vector<RefusedSum>& sums, std::size_t limit) {
    if (sums.empty()) return "nobody was refused\n";
    std::string text;
    std::int64_t rest = 0;
    for (std::size_t i = 0; i < sums.size(); ++i) {
        if (i < limit)
            text += textOf(sums[i]);
        else
            rest += sums[i].count;
    }
    if (rest > 0) text += fmt::format("{:>7} more, of {} others\n", rest, sums.size() - limit);
    return text;
}

}  // namespace postseal::cli
