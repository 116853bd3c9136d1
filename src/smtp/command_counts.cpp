#include "smtp/command_counts.hpp"

#include "base/ascii.hpp"

namespace postseal::smtp {
namespace {

std::string ratio(std::string_view word, std::uint32_t accepted, std::uint32_t all) {
    auto text = base::toLower(word) + '=' + std::to_string(accepted);
    if (accepted != all) text += '/' + std::to_string(all);
    return text;
}

}  // namespace

void CommandCounts::begin(std::optional<Verb> verb) {
    open_ = verb ? static_cast<std::size_t>(*verb) : unknown;
    ++counts_[*open_].all;
}

void CommandCounts::answered(const Reply& reply) {
    constexpr int goOn = 354;
    if (!open_ || reply.code == goOn) return;
    if (reply.isPositive()) ++counts_[*open_].accepted;
    open_.reset();
}

std::string CommandCounts::toText() const {
    std::string text;
    Count sum;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
        const auto& count = counts_[i];
        sum.accepted += count.accepted;
        sum.all += count.all;
        if (count.all == 0) continue;
        const auto word = i == unknown ? "unknown" : smtp::toText(static_cast<Verb>(i));
        text += ratio(word, count.accepted, count.all) + ' ';
    }
    return text + ratio("commands", sum.accepted, sum.all);
}

}  // namespace postseal::smtp
