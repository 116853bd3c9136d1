#include "cli/transport.hpp"

#include "base/ascii.hpp"
#include "record/json.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

namespace postseal::cli {
namespace {

using record::Assurance;
using record::HopRecord;
using record::HopResult;

std::string_view inPeoplesWords(Assurance assurance) {
    switch (assurance) {
    case Assurance::cleartext: return "open";
    case Assurance::encrypted: return "encrypted";
    case Assurance::authenticated: return "sealed";
    }
    return "open";
}

/// One hop's word on one recipient.
void apply(const HopRecord& hop, const record::RecipientOutcome& outcome, TracedRecipient& recipient) {
    const auto& words = outcome.reply.empty() ? hop.reason : outcome.reply;
    switch (outcome.result) {
    case HopResult::accepted: break;
    case HopResult::delivered:
        recipient.state = "delivered";
        // A local hop crosses no network.
        recipient.verdict = inPeoplesWords(hop.local ? Assurance::authenticated
                                                     : hop.assurance.value_or(Assurance::cleartext));
        recipient.reason.clear();
        break;
    case HopResult::deferred: recipient.reason = hop.reason.empty() ? words : hop.reason; break;
    case HopResult::bounced:
    case HopResult::refused:
        recipient.state = "returned";
        recipient.verdict = "returns";
        recipient.reason = hop.reason.empty() ? words : hop.reason;
        break;
    }
}

TracedRecipient& recipientOf(Transport& transport, const std::string& address) {
    auto& all = transport.recipients;
    const auto found = std::ranges::find(all, address, &TracedRecipient::address);
    if (found != all.end()) return *found;
    return all.emplace_back(TracedRecipient{address, "queued", "waits", {}});
}

void settle(Transport& transport, std::span<const Waiting> waiting) {
    for (const auto& hop : transport.hops)
        for (const auto& outcome : hop.recipients)
            apply(hop, outcome, recipientOf(transport, outcome.address));
    for (const auto& row : waiting) {
        if (row.queueId != transport.queueId || row.queueId.empty()) continue;
        auto& recipient = recipientOf(transport, row.address);
        recipient.state = "queued";
        recipient.verdict = "waits";
        if (!row.reason.empty()) recipient.reason = row.reason;
    }
}

std::string peerText(const HopRecord& hop) {
    const auto& peer = hop.peer;
    if (!peer.address) return peer.name.empty() ? "nobody" : peer.name;
    return fmt::format("{}[{}]:{}", peer.name.empty() ? "unknown" : peer.name, peer.address->toText(),
                       peer.port);
}

std::string protectionText(const HopRecord& hop) {
    if (hop.local) return "local delivery";
    if (!hop.assurance) return "no connection";
    if (!hop.tls) return std::string(toText(*hop.assurance));
    const auto& tls = *hop.tls;
    auto text = fmt::format("{}: {} {}", toText(*hop.assurance), tls.protocol, tls.cipher);
    if (!tls.group.empty()) text += " " + tls.group;
    if (tls.resumed) text += ", resumed";
    if (tls.authenticatedBy != record::Proof::none) {
        text += fmt::format(", proven by {}", toText(tls.authenticatedBy));
        if (!tls.name.empty()) text += " as " + tls.name;
    } else if (!tls.peer) {
        text += hop.direction == record::Direction::in ? ", no client certificate" : ", no certificate";
    } else {
        text += ", certificate of " + (tls.peer->subject.empty() ? "no name" : tls.peer->subject);
        text += tls.peer->chainFault.empty() ? " trusted, name not proven"
                                             : " not proven: " + tls.peer->chainFault;
    }
    return text;
}

void appendHop(std::string& out, const HopRecord& hop) {
    const auto* arrow = hop.direction == record::Direction::in ? "from" : "to";
    out += fmt::format("  {}  {} {}\n", base::toRfc3339(hop.time), arrow, peerText(hop));
    out += "      demanded  " + (hop.requirement ? toText(*hop.requirement) : std::string("nothing")) + '\n';
    out += "      found     " + protectionText(hop) + '\n';
    out += fmt::format("      result    {}", toText(hop.result));
    const auto& words = hop.reason.empty() ? hop.reply : hop.reason;
    if (!words.empty()) out += ": " + base::escaped(words);
    out += '\n';
}

std::string listed(std::string_view key, const std::string& text) {
    return fmt::format("\"{}\": {}", key, record::quotedJson(text));
}

std::string recipientJson(const TracedRecipient& recipient) {
    return fmt::format("{{ {}, {}, {}, {} }}", listed("address", recipient.address),
                       listed("state", recipient.state), listed("verdict", recipient.verdict),
                       listed("reason", recipient.reason));
}

/// `[` items `]`, one a line.
template <class Items, class ToText>
std::string arrayJson(const Items& items, ToText toItemText) {
    std::string out = "[";
    for (const auto& item : items)
        out += (out.size() == 1 ? "\n" : ",\n") + toItemText(item);
    return out + (out.size() == 1 ? "]" : "\n]");
}

std::string transportJson(const Transport& transport) {
    return fmt::format("{{ {}, {}, {},\n\"recipients\": {},\n\"hops\": {} }}",
                       listed("queue_id", transport.queueId.text()),
                       listed("message_id", transport.messageId), listed("sender", transport.sender),
                       arrayJson(transport.recipients, recipientJson),
                       arrayJson(transport.hops, [](const HopRecord& hop) { return record::toJson(hop); }));
}

}  // namespace

std::vector<Transport> transportsOf(std::vector<HopRecord> hops, std::span<const Waiting> waiting) {
    // Arrival and departure may bear one time.
    std::ranges::sort(hops, {}, [](const HopRecord& hop) { return std::pair(hop.time, hop.direction); });
    std::vector<Transport> transports;
    for (auto& hop : hops) {
        auto place = std::ranges::find(transports, hop.queueId, &Transport::queueId);
        // Refused hops have no queue id: each is a story of its own.
        if (place == transports.end() || hop.queueId.empty())
            place = transports.insert(transports.end(),
                                      Transport{hop.queueId, hop.messageId, hop.sender, {}, {}});
        if (place->messageId.empty()) place->messageId = hop.messageId;
        place->hops.push_back(std::move(hop));
    }
    for (auto& transport : transports)
        settle(transport, waiting);
    return transports;
}

std::string forPeople(std::span<const Transport> transports) {
    std::string out;
    for (const auto& transport : transports) {
        if (!out.empty()) out += '\n';
        out += fmt::format("{}  {}\n", transport.queueId.empty() ? "NOQUEUE" : transport.queueId.text(),
                           base::escaped(transport.messageId));
        out += fmt::format("from <{}>\n", base::escaped(transport.sender));
        for (const auto& recipient : transport.recipients) {
            out += fmt::format("to   <{}>  {}, {}", base::escaped(recipient.address), recipient.state,
                               recipient.verdict);
            if (!recipient.reason.empty()) out += ": " + base::escaped(recipient.reason);
            out += '\n';
        }
        out += "hops\n";
        for (const auto& hop : transport.hops)
            appendHop(out, hop);
    }
    return out;
}

std::string toJson(std::span<const Transport> transports) {
    return arrayJson(transports, transportJson) + '\n';
}

}  // namespace postseal::cli
