#include "cli/check_text.hpp"

#include "base/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace postseal::cli {
namespace {

using check::Checked;
using check::CheckedLeg;

constexpr std::size_t mostAddressesShown = 3;  // of an alias

std::string dayOf(base::Timestamp time) {
    return base::toRfc3339(time).substr(0, 10);
}

void appendTls(std::string& out, const discover::ProbedAddress& probed) {
    if (!probed.tls) return;
    const auto& tls = *probed.tls;
    out +=
        fmt::format("         {} {}{}{}", tls.protocol, tls.cipher, tls.group.empty() ? "" : " ", tls.group);
    if (tls.authenticatedBy != record::Proof::none)
        out += fmt::format(", proven by {} for {}", toText(tls.authenticatedBy),
                           tls.name.empty() ? "its key" : tls.name);
    out += '\n';
    if (!tls.peer) return;
    const auto& peer = *tls.peer;
    out += fmt::format("         certificate of {} by {}, until {}{}\n",
                       peer.subject.empty() ? "no name" : base::escaped(peer.subject, 100),
                       peer.issuer.empty() ? "nobody" : base::escaped(peer.issuer, 100), dayOf(peer.notAfter),
                       peer.chainFault.empty() ? "" : "; no CA: " + base::escaped(peer.chainFault, 100));
    out += "         sha256 " + base::toHex(peer.sha256) + '\n';
}

/// Each address where there are several: a delivery may come to any of them.
void appendProbe(std::string& out, const discover::Probe& probe) {
    if (probe.size() == 1) return appendTls(out, probe.front());
    for (const auto& address : probe) {
        out += fmt::format("         {}: {}", address.peer.address ? address.peer.address->toText() : "?",
                           address.assurance ? toText(*address.assurance) : "no connection");
        if (!address.words.empty()) out += ", " + base::escaped(address.words, 300);
        out += '\n';
        appendTls(out, address);
    }
}

void appendHost(std::string& out, const CheckedLeg& leg, std::size_t index) {
    const auto& host = leg.destination->hosts[index];
    const auto& forecast = leg.forecast.hosts[index];
    out += fmt::format("    {:>5}  {}:{}  {}\n", host.preference, host.name, host.port,
                       toText(forecast.verdict));
    out += "         " + base::escaped(forecast.reason, 500) + '\n';
    if (index < leg.probes.size()) appendProbe(out, leg.probes[index]);
}

void appendExperience(std::string& out, const Checked& checked) {
    if (check::isProbed(checked)) {
        const auto now = check::justNow(checked);
        out += "  just now    " + policy::experienceText(now ? std::optional(now->assurance) : std::nullopt,
                                                         now ? now->count : 0, check::countHosts(checked));
        out += '\n';
    }
    if (const auto before = check::remembered(checked))
        out += fmt::format("  so far      {} since {}, {} deliveries\n", toText(before->assurance),
                           dayOf(before->since), before->count);
}

void appendPublished(std::string& out, const discover::Destination& destination) {
    if (!destination.hosts.empty() && destination.hosts.front().dnssec != record::DnssecStatus::notAsked)
        out +=
            fmt::format("  MX records  {}\n", destination.hosts.front().dnssec == record::DnssecStatus::secure
                                                  ? "proven by DNSSEC"
                                                  : "not proven by DNSSEC");
    if (!destination.mtaSts) return;
    const auto& sts = *destination.mtaSts;
    out += "  MTA-STS     ";
    out += sts.policy ? fmt::format("{}, id {}, fetched {}, holds until {}", toText(sts.policy->mode),
                                    base::escaped(sts.id, 40), dayOf(sts.fetched), dayOf(sts.expires))
                      : "no policy";
    if (!sts.note.empty()) out += "; " + base::escaped(sts.note, 200);
    out += '\n';
}

void appendClaims(std::string& out, const CheckedLeg& leg) {
    const auto claims = check::claimsOf(leg);
    if (claims.empty()) return;
    out += "\n  who demands what (* holds)\n";
    for (const auto& note : claims)
        out += fmt::format("    {} {:<12} {:<11} {}\n", note.won ? '*' : ' ', toText(note.origin),
                           toText(note.level), base::escaped(note.detail, 300));
}

/// `anna@x.example, bob@y.example and 12 more`
std::string addressesText(const std::vector<std::string>& addresses) {
    const auto shown = std::min(addresses.size(), mostAddressesShown);
    const std::vector<std::string> first(addresses.begin(),
                                         addresses.begin() + static_cast<std::ptrdiff_t>(shown));
    auto text = fmt::format("{}", fmt::join(first, ", "));
    if (shown < addresses.size()) text += fmt::format(" and {} more", addresses.size() - shown);
    return base::escaped(text, 500);
}

void appendLeg(std::string& out, const CheckedLeg& leg) {
    if (!leg.destination) return;
    out += "  next hop    " + leg.nextHop;
    if (!leg.smarthost.empty()) out += " (smarthost)";
    out += '\n';
    appendPublished(out, *leg.destination);
    appendClaims(out, leg);
    if (!leg.forecast.hosts.empty()) out += "\n  servers, in the order in which they are tried\n";
    for (std::size_t i = 0; i < leg.forecast.hosts.size(); ++i)
        appendHost(out, leg, i);
}

/// The weakest first: it is what the answer rests on.
std::vector<const CheckedLeg*> legsByWeakness(const Checked& checked) {
    std::vector<const CheckedLeg*> legs;
    legs.reserve(checked.legs.size());
    for (const auto& leg : checked.legs)
        legs.push_back(&leg);
    std::ranges::sort(legs, [](const CheckedLeg* one, const CheckedLeg* other) {
        if (policy::isWeaker(one->forecast, other->forecast)) return true;
        return !policy::isWeaker(other->forecast, one->forecast) && one < other;
    });
    return legs;
}

/// RFC 4180. A sign that a spreadsheet would take for a formula's begin gets a quote before it.
std::string csvField(std::string text) {
    if (!text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos)
        text.insert(0, 1, '\'');
    std::string quoted(1, '"');
    for (const char c : text) {
        if (c == '"') quoted += '"';
        quoted += c;
    }
    return quoted + '"';
}

std::string whoHolds(const Checked& checked) {
    std::vector<std::string> who;
    for (const auto& leg : checked.legs)
        if (leg.destination)
            for (const auto& host : leg.destination->hosts)
                if (const auto text = toText(host.requirement.origin);
                    std::ranges::find(who, text) == who.end())
                    who.push_back(text);
    return fmt::format("{}", fmt::join(who, " "));
}

}  // namespace

std::string forPeople(const Checked& checked) {
    auto out = checked.forecast.sentence + "\n\n";
    out += "  promise     " + policy::promiseText(checked.forecast) + '\n';
    appendExperience(out, checked);
    const bool isOne = checked.legs.size() == 1;
    for (const auto* leg : legsByWeakness(checked)) {
        if (!isOne) {
            out += fmt::format("\n  {}: {}\n", toText(leg->forecast.verdict), leg->forecast.sentence);
            if (!leg->addresses.empty()) out += "  for         " + addressesText(leg->addresses) + '\n';
        }
        appendLeg(out, *leg);
    }
    return out;
}

std::string tableHead() {
    return fmt::format("{:<32} {:<10} {:<8} {:<16} {:>7}  {}\n", "DOMAIN", "VERDICT", "PROMISED", "BY",
                       "SERVERS", "WHY");
}

std::string tableRow(const Checked& checked) {
    return fmt::format("{:<32} {:<10} {:<8} {:<16} {:>7}  {}\n", base::escaped(checked.asked, 320),
                       toText(checked.forecast.verdict), checked.forecast.isPromised ? "yes" : "no",
                       whoHolds(checked), check::countHosts(checked), checked.forecast.sentence);
}

std::string csvHead() {
    return "domain,verdict,promised,by,servers,sentence\r\n";
}

std::string csvRow(const Checked& checked) {
    return fmt::format("{},{},{},{},{},{}\r\n", csvField(checked.asked), toText(checked.forecast.verdict),
                       checked.forecast.isPromised ? "yes" : "no", csvField(whoHolds(checked)),
                       check::countHosts(checked), csvField(checked.forecast.sentence));
}

std::string progressBar(std::size_t done, std::size_t all) {
    constexpr std::size_t width = 40;
    const auto filled = all == 0 ? width : done * width / all;
    return fmt::format("[{}{}]  {}/{}", std::string(filled, '#'), std::string(width - filled, '.'), done,
                       all);
}

}  // namespace postseal::cli
