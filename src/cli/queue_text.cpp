#include "cli/queue_text.hpp"

#include "base/ascii.hpp"

#include <fmt/core.h>

namespace postseal::cli {
namespace {

std::string whenAndWhy(const queue::ListedRecipient& recipient) {
    if (recipient.state == queue::State::held) return "held";
    if (recipient.inDelivery) return "in delivery now";
    auto text = fmt::format("next attempt {}", base::toRfc3339(recipient.nextAttempt));
    if (recipient.attempts > 0) text += fmt::format(", {} failed", recipient.attempts);
    if (!recipient.reason.empty()) text += ": " + base::escaped(recipient.reason);
    return text;
}

}  // namespace

std::string forPeople(const std::vector<queue::Listed>& messages) {
    std::string out;
    std::size_t recipients = 0;
    for (const auto& message : messages) {
        out +=
            fmt::format("{}  {}  {} bytes  from <{}>\n", message.id.text(), base::toRfc3339(message.arrived),
                        message.sizeBytes, base::escaped(message.sender));
        for (const auto& recipient : message.recipients)
            out += fmt::format("    to <{}>  {}\n", base::escaped(recipient.address), whenAndWhy(recipient));
        recipients += message.recipients.size();
    }
    if (messages.empty()) return "No message is waiting.\n";
    return out + fmt::format("{} messages, {} recipients\n", messages.size(), recipients);
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
    return out;
}

}  // namespace postseal::cli
