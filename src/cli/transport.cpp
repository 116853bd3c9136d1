#include "cli/transport.hpp"

#include "base/ascii.hpp"

#include <fmt/core.h>

#include <string_view>

namespace postseal::cli {
namespace {

using record::HopRecord;

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

}  // namespace

std::string forPeople(const std::vector<ledger::TransportRecord>& transports) {
    std::string out;
    for (const auto& transport : transports) {
        if (!out.empty()) out += '\n';
        out += fmt::format("{}  {}\n", transport.queueId.empty() ? "NOQUEUE" : transport.queueId.text(),
                           base::escaped(transport.messageId));
        out += fmt::format("from <{}>\n", base::escaped(transport.sender));
        for (const auto& recipient : transport.recipients) {
            out += fmt::format("to   <{}>  {}", base::escaped(recipient.address), recipient.state);
            if (!recipient.reason.empty()) out += ": " + base::escaped(recipient.reason);
            out += '\n';
        }
        out += "hops\n";
        for (const auto& hop : transport.hops)
            appendHop(out, hop);
    }
    return out;
}

}  // namespace postseal::cli
