#include "cli/queue_text.hpp"

#include "base/ascii.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <chrono>

namespace postseal::cli {
namespace {

using namespace std::chrono_literals;

struct Unit {
    std::chrono::seconds length, upTo;
    const char* name;
};
constexpr std::array<Unit, 4> units{
    {{1s, 2min, "s"}, {1min, 2h, "min"}, {1h, 48h, "h"}, {24h, std::chrono::seconds::max(), "days"}}};

std::string whenAndWhy(const queue::ListedRecipient& recipient, base::Timestamp now) {
    std::string text;
    if (recipient.state != queue::State::queued)
        text = "held";
    else if (recipient.inDelivery)
        return "in delivery now";
    else
        text = "next attempt " + relative(std::max(recipient.nextAttempt, now), now);
    if (recipient.attempts > 0) text += fmt::format(", {} failed", recipient.attempts);
    const auto reason = queue::reasonText(recipient);
    if (!reason.empty()) text += ": " + base::escaped(reason);
    return text;
}

std::string_view doneBy(queue::Steer steer) {
    switch (steer) {
    case queue::Steer::retry: return "due now";
    case queue::Steer::hold: return "held until 'postseal queue release'";
    case queue::Steer::release: return "released and due now";
    case queue::Steer::remove: return "deleted";
    }
    return {};
}

}  // namespace

std::string relative(base::Timestamp time, base::Timestamp now) {
    const auto distance = std::chrono::floor<std::chrono::seconds>(time > now ? time - now : now - time);
    if (distance < 1s) return "now";
    const auto* unit = std::ranges::find_if(units, [&](const Unit& one) { return distance < one.upTo; });
    const auto words = fmt::format("{} {}", distance / unit->length, unit->name);
    return time > now ? "in " + words : words + " ago";
}

std::string forPeople(const queue::Listed& message, base::Timestamp now) {
    auto out = fmt::format("{}  {} ({})  {} bytes  from <{}>\n", message.id.text(),
                           base::toRfc3339(std::chrono::floor<std::chrono::seconds>(message.arrived)),
                           relative(message.arrived, now), message.sizeBytes, base::escaped(message.sender));
    for (const auto& recipient : message.recipients)
        out += fmt::format("    to <{}> by {}  {}\n", base::escaped(recipient.address),
                           base::escaped(recipient.nextHop), whenAndWhy(recipient, now));
    return out;
}

std::string forPeople(const std::vector<queue::ListedDestination>& destinations, base::Timestamp now) {
    if (destinations.empty()) return "No message is waiting.\n";
    auto out = fmt::format("{:>8} {:>8} {:>8}  {:<12} {:<12} {}\n", "waiting", "sending", "held", "oldest",
                           "next try", "next hop and why");
    for (const auto& one : destinations) {
        const auto next = one.nextAttempt ? relative(std::max(*one.nextAttempt, now), now) : std::string("-");
        out += fmt::format("{:>8} {:>8} {:>8}  {:<12} {:<12} {}\n", one.waiting, one.inDelivery, one.held,
                           relative(one.oldest, now), next, base::escaped(one.nextHop));
        if (!one.reason.empty()) out += "         " + base::escaped(one.reason) + '\n';
    }
    return out;
}

std::string forPeople(const queue::Balance& balance) {
    std::string out;
    const auto line = [&](const char* name, std::int64_t count) {
        out += fmt::format("{:<11}{:>12}\n", name, count);
    };
    line("accepted", balance.accepted);
    line("delivered", balance.delivered);
    line("returned", balance.returned);
    line("queued", balance.queued);
    line("held", balance.held);
    line("deleted", balance.deleted);
    line("discarded", balance.discarded);
    line("difference", balance.difference());
    if (balance.keptReports > 0)
        out += fmt::format("{} of the held {} that can't be delivered: postseal queue list --held\n",
                           balance.keptReports, balance.keptReports == 1 ? "is a report" : "are reports");
    return out;
}

std::string counted(std::int64_t recipients, std::int64_t messages) {
    return fmt::format("{} recipient{} of {} message{}", recipients, recipients == 1 ? "" : "s", messages,
                       messages == 1 ? "" : "s");
}

std::string_view nameOf(queue::Steer steer) {
    switch (steer) {
    case queue::Steer::retry: return "retry";
    case queue::Steer::hold: return "hold";
    case queue::Steer::release: return "release";
    case queue::Steer::remove: return "delete";
    }
    return {};
}

std::string forPeople(queue::Steer steer, const queue::Steered& steered, bool isDryRun) {
    const auto* verb = isDryRun ? "would be" : steered.recipients == 1 ? "is" : "are";
    return fmt::format("{} {} {}.\n", counted(steered.recipients, steered.messages), verb, doneBy(steer));
}

}  // namespace postseal::cli
