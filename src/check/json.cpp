#include "check/json.hpp"

#include "record/json.hpp"
#include "record/json_text.hpp"

namespace postseal::check {
namespace {

using record::JsonText;

void writeTls(JsonText& json, const std::optional<record::TlsFacts>& tls) {
    json.key("tls");
    if (!tls) return json.null();
    json.raw(record::toJson(*tls));
}

void writeTried(JsonText& json, const discover::Probe& probe) {
    json.key("tried").open('[');
    for (const auto& address : probe) {
        json.open('{');
        json.key("address").valueOrNull(address.peer.address ? address.peer.address->toText() : "");
        json.member("reached", address.isReached).member("met", address.isMet);
        json.key("assurance").valueOrNull(address.assurance ? toText(*address.assurance) : "");
        json.member("reason", address.words);
        writeTls(json, address.tls);
        json.close('}');
    }
    json.close(']');
}

void writeHost(JsonText& json, const CheckedLeg& leg, std::size_t index) {
    const auto& host = leg.destination->hosts[index];
    const auto& forecast = leg.forecast.hosts[index];
    json.open('{');
    json.member("host", host.name).member("preference", host.preference).member("port", host.port);
    json.member("next_hop", leg.nextHop);
    json.key("addresses").open('[');
    for (const auto& address : host.addresses)
        json.value(address.toText());
    json.close(']');
    json.member("dnssec", toText(host.dnssec));
    json.key("requirement").raw(record::toJson(host.requirement));
    json.member("verdict", toText(forecast.verdict)).member("reason", forecast.reason);
    json.key("claims").raw(record::toJson(host.claims));
    const auto probe = index < leg.probes.size() ? leg.probes[index] : discover::Probe();
    const auto* spokesman = spokesmanOf(probe);
    const auto assurance = spokesman != nullptr ? spokesman->assurance : std::nullopt;
    json.key("assurance").valueOrNull(assurance ? toText(*assurance) : "");
    writeTls(json, spokesman != nullptr ? spokesman->tls : std::nullopt);
    writeTried(json, probe);
    json.close('}');
}

void writeMtaSts(JsonText& json, const CheckedLeg* leg) {
    json.key("mta_sts");
    if (leg == nullptr || !leg->destination || !leg->destination->mtaSts) return json.null();
    const auto& sts = *leg->destination->mtaSts;
    json.open('{');
    json.key("mode").valueOrNull(sts.policy ? toText(sts.policy->mode) : "");
    json.key("id").valueOrNull(sts.id);
    json.key("expires").valueOrNull(sts.policy ? base::toRfc3339(sts.expires) : "");
    json.member("note", sts.note);
    json.close('}');
}

/// Where the leg goes, and by which smarthost.
void writeWay(JsonText& json, const CheckedLeg* leg) {
    json.key("next_hop").valueOrNull(leg != nullptr ? leg->nextHop : "");
    json.key("smarthost").valueOrNull(leg != nullptr ? leg->smarthost : "");
}

void writeLeg(JsonText& json, const CheckedLeg& leg) {
    json.open('{');
    json.member("domain", leg.domain);
    json.key("addresses").open('[');
    for (const auto& address : leg.addresses)
        json.value(address);
    json.close(']');
    writeWay(json, &leg);
    json.member("verdict", toText(leg.forecast.verdict)).member("promised", leg.forecast.isPromised);
    json.member("sentence", leg.forecast.sentence);
    writeMtaSts(json, &leg);
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

}  // namespace

std::string toJson(const Checked& checked) {
    const auto* only = checked.legs.size() == 1 ? &checked.legs.front() : nullptr;
    JsonText json;
    json.open('{');
    json.member("asked", checked.asked)
        .member("domain", checked.domain)
        .member("time", base::toRfc3339(checked.time));
    writeWay(json, only);
    json.member("verdict", toText(checked.forecast.verdict)).member("promised", checked.forecast.isPromised);
    writeExperience(json, checked);
    json.member("sentence", checked.forecast.sentence);
    json.key("claims").raw(record::toJson(claimsOf(checked)));
    writeMtaSts(json, only);
    json.key("hosts").open('[');
    for (const auto& leg : checked.legs)
        for (std::size_t i = 0; i < leg.forecast.hosts.size(); ++i)
            writeHost(json, leg, i);
    json.close(']');
    json.key("legs").open('[');
    for (const auto& leg : checked.legs)
        writeLeg(json, leg);
    json.close(']');
    json.close('}');
    return json.take();
}

}  // namespace postseal::check
