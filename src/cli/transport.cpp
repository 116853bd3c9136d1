#include "cli/transport.hpp"

#include "base/ascii.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
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

/// What becomes of what somebody records today.
std::string_view laterText(const record::TlsFacts& tls) {
    if (record::isPostQuantum(tls)) return " (safe against later decryption)";
    return record::hasForwardSecrecy(tls) ? "" : " (without forward secrecy)";
}

/// Who says that the host is the domain's.
std::string_view namedBy(record::MxProof proof) {
    switch (proof) {
    case record::MxProof::none: return "named by DNS alone, which proves nothing";
    case record::MxProof::administrator: return "named by this server's administrator";
    case record::MxProof::dnssec: return "named by DNSSEC";
    case record::MxProof::mtaSts: return "named by the domain's MTA-STS policy";
    case record::MxProof::alliance: return "named by an alliance";
    }
    return {};
}

std::string protectionText(const HopRecord& hop) {
    if (hop.local) return "local delivery";
    if (!hop.assurance) return "no connection";
    if (!hop.tls) return std::string(toText(*hop.assurance));
    const auto& tls = *hop.tls;
    auto text = fmt::format("{}: {} {}", toText(*hop.assurance), tls.protocol, tls.cipher);
    if (!tls.group.empty()) text += " " + tls.group;
    text += laterText(tls);
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

/// Where no server was found, what would have been demanded of it is not recorded.
std::string demandText(const HopRecord& hop) {
    if (hop.requirement) return toText(*hop.requirement);
    const bool isUnknown = hop.direction == record::Direction::out && !hop.local && !hop.assurance;
    return isUnknown ? "not decided: there was no server to demand it of" : "nothing";
}

/// `sealed`, `encrypted`, `open`, `local`; `-`: no connection stood.
std::string_view protectionWord(const HopRecord& hop) {
    if (hop.local) return "local";
    if (!hop.assurance) return "-";
    switch (*hop.assurance) {
    case record::Assurance::cleartext: return "open";
    case record::Assurance::encrypted: return "encrypted";
    case record::Assurance::authenticated: return "sealed";
    }
    return "-";
}

void appendHop(std::string& out, const HopRecord& hop) {
    const auto* arrow = hop.direction == record::Direction::in ? "from" : "to";
    out += fmt::format("  {}  {} {}\n", base::toRfc3339(hop.time), arrow, peerText(hop));
    out += "      demanded  " + demandText(hop) + '\n';
    if (hop.mxProof) out += fmt::format("      host      {}\n", namedBy(*hop.mxProof));
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

std::string transferHead() {
    return fmt::format("{:<20} {:<15} {:<3} {:<9} {:<9}  {}\n", "TIME", "QUEUE ID", "WAY", "FOUND", "RESULT",
                       "WHO");
}

std::string transferLine(const HopRecord& hop) {
    constexpr std::size_t mostShown = 3;
    std::string to;
    for (std::size_t i = 0; i < std::min(hop.recipients.size(), mostShown); ++i)
        to += (i > 0 ? ", " : "") + base::escaped(hop.recipients[i].address, 320);
    if (hop.recipients.size() > mostShown)
        to += fmt::format(" and {} more", hop.recipients.size() - mostShown);
    const auto time = base::toRfc3339(std::chrono::floor<std::chrono::seconds>(hop.time));
    return fmt::format(
        "{:<20} {:<15} {:<3} {:<9} {:<9}  <{}> to {} {} {}\n", time, hop.queueId.text(),
        toText(hop.direction), protectionWord(hop), toText(hop.result), base::escaped(hop.sender, 320), to,
        hop.direction == record::Direction::in ? "from" : "by", base::escaped(peerText(hop), 300));
}

}  // namespace postseal::cli
