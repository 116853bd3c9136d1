#include "cli/check_text.hpp"

#include "base/ascii.hpp"
#include "record/json.hpp"
#include "record/json_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace postseal::cli {
namespace {

using app::Checked;
using policy::Verdict;
using record::ClaimNote;
using record::JsonText;

using record::Assurance;

struct Experience {
    Assurance assurance = Assurance::authenticated;
    base::Timestamp since{};
    std::size_t count = 0;  // deliveries, or servers
};

/// What its servers had just now, at the least; none: no server was reached.
std::optional<Experience> justNow(const Checked& checked) {
    Experience experience{.since = checked.time};
    for (const auto& probe : checked.probes) {
        if (!probe.isReached || !probe.assurance) continue;
        experience.assurance = std::min(experience.assurance, *probe.assurance);
        ++experience.count;
    }
    return experience.count == 0 ? std::nullopt : std::optional(experience);
}

/// What deliveries had, as far as they are remembered.
std::optional<Experience> remembered(const Checked& checked) {
    if (!checked.remembered) return std::nullopt;
    const auto& memory = *checked.remembered;
    if (memory.fall)
        return Experience{memory.fall->found, memory.fall->since, memory.of(memory.fall->found).deliveries};
    for (const auto assurance : {Assurance::authenticated, Assurance::encrypted, Assurance::cleartext})
        if (const auto& reached = memory.of(assurance); reached.deliveries > 0)
            return Experience{assurance, reached.first, reached.deliveries};
    return std::nullopt;
}

/// The claims on all hosts; each once, and won where it did on any.
std::vector<ClaimNote> claimsOf(const Checked& checked) {
    std::vector<ClaimNote> all;
    if (!checked.destination) return all;
    for (const auto& host : checked.destination->hosts)
        for (const auto& note : host.claims) {
            const auto same = std::ranges::find_if(all, [&](const ClaimNote& one) {
                return one.origin == note.origin && one.level == note.level && one.detail == note.detail;
            });
            if (same == all.end())
                all.push_back(note);
            else
                same->won = same->won || note.won;
        }
    return all;
}

std::string dayOf(base::Timestamp time) {
    return base::toRfc3339(time).substr(0, 10);
}

std::string promiseText(const policy::Forecast& forecast) {
    const auto verdict = std::string(toText(forecast.verdict));
    if (forecast.verdict == Verdict::open) return verdict + ": nothing is enforced";
    if (forecast.verdict == Verdict::waits || forecast.verdict == Verdict::returns)
        return "nothing is sent with less than is demanded";
    return forecast.isPromised ? verdict + ", or it is not sent" : verdict + ", by no promise";
}

void appendTls(std::string& out, const discover::Probe& probe) {
    if (!probe.tls) return;
    const auto& tls = *probe.tls;
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

void appendHost(std::string& out, const Checked& checked, std::size_t index) {
    const auto& host = checked.destination->hosts[index];
    const auto& forecast = checked.forecast.hosts[index];
    out += fmt::format("    {:>5}  {}:{}  {}\n", host.preference, host.name, host.port,
                       toText(forecast.verdict));
    out += "         " + base::escaped(forecast.reason, 500) + '\n';
    if (index < checked.probes.size()) appendTls(out, checked.probes[index]);
}

void appendExperience(std::string& out, const Checked& checked) {
    if (!checked.probes.empty()) {
        const auto now = justNow(checked);
        out += "  just now    ";
        out += now ? fmt::format("{} at the least, with {} of {} servers", toText(now->assurance), now->count,
                                 checked.probes.size())
                   : "no server was reached";
        out += '\n';
    }
    if (const auto before = remembered(checked))
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

void appendClaims(std::string& out, const Checked& checked) {
    const auto claims = claimsOf(checked);
    if (claims.empty()) return;
    out += "\n  who demands what (* holds)\n";
    for (const auto& note : claims)
        out += fmt::format("    {} {:<12} {:<11} {}\n", note.won ? '*' : ' ', toText(note.origin),
                           toText(note.level), base::escaped(note.detail, 300));
}

void writeClaims(JsonText& json, const std::vector<ClaimNote>& claims) {
    json.key("claims").open('[');
    for (const auto& note : claims) {
        json.open('{');
        json.member("origin", toText(note.origin)).member("level", toText(note.level));
        json.member("won", note.won).member("detail", note.detail);
        json.close('}');
    }
    json.close(']');
}

void writeHost(JsonText& json, const Checked& checked, std::size_t index) {
    const auto& host = checked.destination->hosts[index];
    const auto& forecast = checked.forecast.hosts[index];
    json.open('{');
    json.member("host", host.name).member("preference", host.preference).member("port", host.port);
    json.key("addresses").open('[');
    for (const auto& address : host.addresses)
        json.value(address.toText());
    json.close(']');
    json.member("dnssec", toText(host.dnssec));
    json.key("requirement").raw(record::toJson(host.requirement));
    json.member("verdict", toText(forecast.verdict)).member("reason", forecast.reason);
    writeClaims(json, host.claims);
    const auto* probe = index < checked.probes.size() ? &checked.probes[index] : nullptr;
    json.key("assurance").valueOrNull(probe != nullptr && probe->assurance ? toText(*probe->assurance) : "");
    json.key("tls");
    if (probe != nullptr && probe->tls)
        json.raw(record::toJson(*probe->tls));
    else
        json.null();
    json.close('}');
}

void writeMtaSts(JsonText& json, const Checked& checked) {
    json.key("mta_sts");
    if (!checked.destination || !checked.destination->mtaSts) return json.null();
    const auto& sts = *checked.destination->mtaSts;
    json.open('{');
    json.key("mode").valueOrNull(sts.policy ? toText(sts.policy->mode) : "");
    json.key("id").valueOrNull(sts.id);
    json.key("expires").valueOrNull(sts.policy ? base::toRfc3339(sts.expires) : "");
    json.member("note", sts.note);
    json.close('}');
}

void writeExperience(JsonText& json, const Checked& checked) {
    json.key("experience");
    const auto before = remembered(checked);
    const auto experience = before ? before : justNow(checked);
    if (!experience) return json.null();
    json.open('{');
    json.member("assurance", toText(experience->assurance));
    json.member("since", base::toRfc3339(experience->since)).member("count", experience->count);
    json.close('}');
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
    if (checked.destination)
        for (const auto& host : checked.destination->hosts)
            if (const auto text = toText(host.requirement.origin); std::ranges::find(who, text) == who.end())
                who.push_back(text);
    return fmt::format("{}", fmt::join(who, " "));
}

std::size_t hostsOf(const Checked& checked) {
    return checked.destination ? checked.destination->hosts.size() : 0;
}

}  // namespace

bool isFine(const Checked& checked) {
    const auto verdict = checked.forecast.verdict;
    return checked.forecast.isPromised && (verdict == Verdict::sealed || verdict == Verdict::encrypted);
}

std::string forPeople(const Checked& checked) {
    auto out = checked.forecast.sentence + "\n\n";
    out += "  promise     " + promiseText(checked.forecast) + '\n';
    appendExperience(out, checked);
    if (!checked.destination) return out;
    out += "  next hop    " + checked.nextHop;
    if (!checked.smarthost.empty()) out += " (smarthost)";
    out += '\n';
    appendPublished(out, *checked.destination);
    appendClaims(out, checked);
    if (hostsOf(checked) > 0) out += "\n  servers, in the order in which they are tried\n";
    for (std::size_t i = 0; i < hostsOf(checked); ++i)
        appendHost(out, checked, i);
    return out;
}

std::string toJson(const Checked& checked) {
    JsonText json;
    json.open('{');
    json.member("asked", checked.asked)
        .member("domain", checked.domain)
        .member("time", base::toRfc3339(checked.time));
    json.key("next_hop").valueOrNull(checked.nextHop);
    json.key("smarthost").valueOrNull(checked.smarthost);
    json.member("verdict", toText(checked.forecast.verdict)).member("promised", checked.forecast.isPromised);
    writeExperience(json, checked);
    json.member("sentence", checked.forecast.sentence);
    writeClaims(json, claimsOf(checked));
    writeMtaSts(json, checked);
    json.key("hosts").open('[');
    for (std::size_t i = 0; i < hostsOf(checked); ++i)
        writeHost(json, checked, i);
    json.close(']');
    json.close('}');
    return json.take();
}

std::string tableHead() {
    return fmt::format("{:<32} {:<10} {:<8} {:<16} {:>7}  {}\n", "DOMAIN", "VERDICT", "PROMISED", "BY",
                       "SERVERS", "WHY");
}

std::string tableRow(const Checked& checked) {
    return fmt::format("{:<32} {:<10} {:<8} {:<16} {:>7}  {}\n", base::escaped(checked.asked, 320),
                       toText(checked.forecast.verdict), checked.forecast.isPromised ? "yes" : "no",
                       whoHolds(checked), hostsOf(checked), checked.forecast.sentence);
}

std::string csvHead() {
    return "domain,verdict,promised,by,servers,sentence\r\n";
}

std::string csvRow(const Checked& checked) {
    return fmt::format("{},{},{},{},{},{}\r\n", csvField(checked.asked), toText(checked.forecast.verdict),
                       checked.forecast.isPromised ? "yes" : "no", csvField(whoHolds(checked)),
                       hostsOf(checked), csvField(checked.forecast.sentence));
}

std::string progressBar(std::size_t done, std::size_t all) {
    constexpr std::size_t width = 40;
    const auto filled = all == 0 ? width : done * width / all;
    return fmt::format("[{}{}]  {}/{}", std::string(filled, '#'), std::string(width - filled, '.'), done,
                       all);
}

}  // namespace postseal::cli
