#include "ledger/traffic.hpp"

#include "base/ip_address.hpp"
#include "base/registrable_domain.hpp"
#include "record/json_text.hpp"

#include <algorithm>

namespace postseal::ledger {
namespace {

using record::Assurance;
using record::Direction;
using record::HopRecord;
using record::HopResult;

std::string domainOf(std::string_view address) {
    const auto at = address.rfind('@');
    return at == address.npos ? "<>" : std::string(address.substr(at + 1));
}

std::string operatorOf(std::string_view host) {
    if (host.empty()) return {};
    return base::IpAddress::parse(host) ? std::string(host) : base::registrableDomain(host);
}

/// In clear text from this machine itself: a filter, or the Postfix beside us.
bool isLocal(const HopRecord& hop) {
    if (hop.local) return true;
    return hop.direction == Direction::in && hop.assurance == Assurance::cleartext && hop.peer.address &&
           hop.peer.address->isLoopback();
}

std::int64_t& protectionOf(TrafficRow& row, const HopRecord& hop) {
    if (isLocal(hop)) return row.local;
    switch (hop.assurance.value_or(Assurance::cleartext)) {
    case Assurance::cleartext: return row.open;
    case Assurance::encrypted: return row.encrypted;
    case Assurance::authenticated: return row.sealed;
    }
    return row.open;
}

void addTo(TrafficRow& sum, const TrafficRow& row) {
    sum.sealed += row.sealed;
    sum.encrypted += row.encrypted;
    sum.open += row.open;
    sum.local += row.local;
    sum.waiting += row.waiting;
    sum.returned += row.returned;
}

void write(record::JsonText& json, const TrafficRow& row) {
    json.open('{');
    json.member("direction", toText(row.direction)).member("name", row.name);
    json.member("sealed", row.sealed).member("encrypted", row.encrypted).member("open", row.open);
    json.member("local", row.local).member("waiting", row.waiting).member("returned", row.returned);
    json.close('}');
}

}  // namespace

std::string Traffic::nameOf(std::string_view address, base::Timestamp time, std::string_view host) const {
    switch (by_) {
    case TrafficBy::all: return {};
    case TrafficBy::domain: return domainOf(address);
    case TrafficBy::day: return base::toRfc3339(time).substr(0, 10);
    case TrafficBy::operatorOfHost: return operatorOf(host);
    }
    return {};
}

TrafficRow& Traffic::rowOf(Direction direction, std::string name) {
    auto key = std::pair(direction, std::move(name));
    if (rows_.size() >= mostNames && !rows_.contains(key)) key.second = others;
    auto& row = rows_[key];
    row.direction = direction;
    row.name = key.second;
    return row;
}

void Traffic::add(const HopRecord& hop) {
    const std::string_view host = isLocal(hop) ? std::string_view() : hop.peer.name;
    const bool isIn = hop.direction == Direction::in;
    for (const auto& [address, result, reply] : hop.recipients)
        if (result == HopResult::accepted || result == HopResult::delivered)
            ++protectionOf(rowOf(hop.direction, nameOf(isIn ? hop.sender : address, hop.time, host)), hop);
}

void Traffic::addWaiting(std::string_view recipient, base::Timestamp arrived) {
    ++rowOf(Direction::out, nameOf(recipient, arrived, {})).waiting;
}

void Traffic::addReturned(std::string_view recipient, base::Timestamp time) {
    ++rowOf(Direction::out, nameOf(recipient, time, {})).returned;
}

std::vector<TrafficRow> Traffic::rows(std::size_t limit) const {
    std::vector<TrafficRow> all;
    for (const auto direction : {Direction::out, Direction::in}) {
        std::vector<TrafficRow> some;
        for (const auto& [key, row] : rows_)
            if (key.first == direction) some.push_back(row);
        const bool isDays = by_ == TrafficBy::day;
        std::ranges::sort(some, [=](const TrafficRow& one, const TrafficRow& other) {
            if (isDays) return one.name > other.name;
            return std::pair(-one.sum(), one.name) < std::pair(-other.sum(), other.name);
        });
        TrafficRow rest{.direction = direction, .name = std::string(others)};
        for (std::size_t i = limit; i < some.size(); ++i)
            addTo(rest, some[i]);
        some.resize(std::min(some.size(), limit));
        if (isDays) std::ranges::reverse(some);
        if (rest.sum() > 0) some.push_back(std::move(rest));
        all.insert(all.end(), some.begin(), some.end());
    }
    return all;
}

std::string_view toText(TrafficBy by) {
    switch (by) {
    case TrafficBy::all: return "all";
    case TrafficBy::domain: return "domain";
    case TrafficBy::day: return "day";
    case TrafficBy::operatorOfHost: return "operator";
    }
    return "";
}

std::string toJson(const std::vector<TrafficRow>& rows, TrafficBy by, base::Timestamp since,
                   const PolicyAnswers& answers) {
    record::JsonText json;
    json.open('{');
    json.key("since").valueOrNull(since == base::Timestamp() ? "" : base::toRfc3339(since));
    json.member("by", toText(by));
    json.key("rows").open('[');
    for (const auto& row : rows)
        write(json, row);
    json.close(']');
    json.key("policy_answers").open('{');
    for (const auto& [answer, count] : answers)
        json.member(answer, count);
    json.close('}');
    json.close('}');
    return json.take();
}

}  // namespace postseal::ledger
