#include "policy/dane.hpp"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

namespace postseal::policy {
namespace {

using base::DomainName;
using dns::Status;
using dns::Type;
using record::DnssecStatus;
using record::Tlsa;
using Kind = DaneFinding::Kind;

constexpr std::uint8_t daneTa = 2, daneEe = 3;
constexpr std::uint8_t full = 0, sha256 = 1, sha512 = 2;
constexpr std::array<std::size_t, 3> digestSizes{0, 32, 64};  // by matching type

/// Something in DER: a sequence whose length is that of the data (a certificate and a key both are).
bool isDer(const base::Bytes& data) {
    constexpr std::uint8_t sequence = 0x30, longForm = 0x80;
    if (data.size() < 2 || std::to_integer<std::uint8_t>(data[0]) != sequence) return false;
    const auto first = std::to_integer<std::uint8_t>(data[1]);
    if (first < longForm) return data.size() == std::size_t{2} + first;
    const std::size_t count = first - longForm;
    if (count == 0 || count > sizeof(std::uint32_t) || data.size() < 2 + count) return false;
    std::size_t length = 0;
    for (std::size_t i = 0; i < count; ++i)
        length = length << 8U | std::to_integer<std::size_t>(data[2 + i]);
    return data.size() == 2 + count + length;
}

/// The family that tells most: one that is proven is enough, the other may be absent or in error (rule 2).
const dns::AddressFacts* addressesOf(const dns::RouteHost& host) {
    const dns::AddressFacts* found = nullptr;
    for (const auto* family : {&host.v6, &host.v4}) {
        if (family->status != Status::found) continue;
        if (found == nullptr || (found->dnssec != DnssecStatus::secure &&
                                 (family->dnssec == DnssecStatus::secure || !found->canonical)))
            found = family;
    }
    return found;
}

void addName(std::vector<std::string>& names, const std::string& name) {
    if (!name.empty() && std::ranges::find(names, name) == names.end()) names.push_back(name);
}

}  // namespace

bool isUsable(const Tlsa& record) {
    if (record.usage != daneTa && record.usage != daneEe) return false;
    if (record.selector > 1 || record.matching >= digestSizes.size()) return false;
    if (record.matching == full) return isDer(record.data);
    return record.data.size() == digestSizes[record.matching];
}

std::vector<Tlsa> withDigestAgility(std::vector<Tlsa> usable) {
    // Of two digests we take SHA-512 for the stronger.
    const auto isWeaker = [&](const Tlsa& record) {
        return record.matching == sha256 && std::ranges::any_of(usable, [&](const Tlsa& other) {
                   return std::tie(other.usage, other.selector) == std::tie(record.usage, record.selector) &&
                          other.matching == sha512;
               });
    };
    std::vector<Tlsa> kept;
    std::ranges::remove_copy_if(usable, std::back_inserter(kept), isWeaker);
    std::ranges::sort(kept);
    const auto [first, last] = std::ranges::unique(kept);
    kept.erase(first, last);
    return kept;
}

DaneLookup::DaneLookup(const dns::RouteHost& host, std::uint16_t port, Resolver resolver)
    : port_(port), resolver_(resolver) {
    begin(host);
}

void DaneLookup::begin(const dns::RouteHost& host) {
    if (base::IpAddress::parse(host.name)) return end(Kind::none, "an address has no TLSA records");
    const auto name = DomainName::parse(host.name);
    const auto* addresses = addressesOf(host);
    if (!name || addresses == nullptr)
        return end(Kind::failed,
                   host.failure ? host.failure->words : "the host " + host.name + " has no address");
    isAddressProven_ = addresses->dnssec == DnssecStatus::secure;
    // While our resolver does not validate, that an answer is not proven says nothing of its zone (rule 17).
    if (isAddressProven_ || resolver_ == Resolver::fails) {
        bases_ = {*name};
        if (addresses->canonical) bases_.push_back(*addresses->canonical);  // rule 4: this one first
        return askNext();
    }
    // Rule 2: no question for TLSA records in a zone without signatures; many such zones answer SERVFAIL.
    if (!addresses->canonical)
        return end(Kind::none, "the addresses of " + host.name + " are not proven by DNSSEC");
    questions_ = {{*name, Type::cname}};  // rule 3: is at least the alias itself proven?
}

void DaneLookup::answered(const std::vector<dns::Answer>& answers) {
    const auto& answer = answers.front();
    if (answer.status != Status::failed)
        finding_.ttl = std::min(finding_.ttl.value_or(answer.ttl), answer.ttl);
    const auto question = std::exchange(questions_, {}).front();
    const bool isUnsignedZone = !isAddressProven_ && question.type == Type::tlsa;
    if (answer.status == Status::failed && isUnsignedZone && answer.dnssec != DnssecStatus::bogus)
        return askNext();  // rule 2: many such zones answer SERVFAIL
    if (answer.status == Status::failed) return end(Kind::failed, answer.why);  // rule 1
    if (question.type == Type::tlsa) return answeredTlsa(answer);
    if (answer.dnssec != DnssecStatus::secure)
        return end(Kind::none, "the alias " + question.name.text() + " is not proven by DNSSEC");
    bases_ = {question.name};
    askNext();
}

void DaneLookup::askNext() {
    while (!bases_.empty()) {
        finding_.base = bases_.back().text();
        bases_.pop_back();
        // A name so long that nothing fits before it has no such records.
        auto name = DomainName::parse("_" + std::to_string(port_) + "._tcp." + finding_.base);
        if (!name) continue;
        questions_ = {{std::move(*name), Type::tlsa}};
        return;
    }
    end(Kind::none, "it publishes no TLSA records");
}

void DaneLookup::answeredTlsa(const dns::Answer& answer) {
    // Rule 5: the answer is secure only where every alias on the way is; the base stays what it was.
    if (answer.status != Status::found) return askNext();
    if (answer.dnssec != DnssecStatus::secure) {
        if (resolver_ == Resolver::believed) return askNext();
        finding_.kind = Kind::unproven;
        return;
    }
    const auto records = answer.all<Tlsa>();
    std::vector<Tlsa> usable;
    std::ranges::copy_if(records, std::back_inserter(usable), isUsable);
    finding_.unusable = records.size() - usable.size();
    if (usable.size() > mostRecords)
        return end(Kind::failed,
                   finding_.base + " publishes more than " + std::to_string(mostRecords) + " TLSA records");
    finding_.usable = withDigestAgility(std::move(usable));
    finding_.kind = Kind::records;
}

void DaneLookup::end(Kind kind, std::string why) {
    finding_.kind = kind;
    finding_.base.clear();
    finding_.why = std::move(why);
}

Claim daneOnceHad(base::Timestamp last) {
    return {.origin = {record::Origin::Kind::dane},
            .level = record::Level::dane,
            .detail = "TLSA records proved it on " + base::toRfc3339(last).substr(0, 10)};
}

Claim daneNotSeen() {
    return {.origin = {record::Origin::Kind::dane},
            .level = record::Level::may,
            .detail =
                "no TLSA records are seen, and our own resolver, which fails its test, can't prove that"};
}

std::optional<Claim> daneClaim(const DaneFinding& finding, const HostContext& host,
                               const std::optional<DomainName>& expandedNextHop) {
    using record::Assurance;
    if (finding.kind != Kind::records && finding.kind != Kind::unproven) return std::nullopt;
    Claim claim{.origin = {record::Origin::Kind::dane}, .serverName = finding.base};  // rule 13
    if (finding.kind == Kind::unproven) {
        claim.level = record::Level::encrypt;
        claim.detail =
            "TLSA records of " + finding.base + ", which our own resolver, failing its test, can't prove";
        return claim;
    }
    if (finding.usable.empty()) {
        claim.level = record::Level::encrypt;
        claim.detail = "none of the TLSA records of " + finding.base + " is usable";
        return claim;
    }
    claim.level = record::Level::dane;
    claim.detail = std::to_string(finding.usable.size()) + " TLSA records of " + finding.base;
    record::TlsaCondition condition{.records = finding.usable, .referenceNames = {finding.base}};
    // Rule 11: other names count for DANE-TA alone, and only where what led from them to the host is proven.
    const bool isByName =
        std::ranges::any_of(finding.usable, [](const Tlsa& record) { return record.usage == daneTa; });
    const bool isSecureMx = host.source == HostSource::secureMx;
    if (isByName && (isSecureMx || host.source == HostSource::administrator))
        addName(condition.referenceNames, host.nextHop);
    if (isByName && isSecureMx && expandedNextHop) addName(condition.referenceNames, expandedNextHop->text());
    // Rule 6: whoever can forge the MX record chooses the host.
    if (host.source == HostSource::insecureMx) condition.proves = Assurance::encrypted;
    claim.conditions = {std::move(condition)};
    return claim;
}

}  // namespace postseal::policy
