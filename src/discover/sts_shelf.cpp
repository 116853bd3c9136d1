#include "discover/sts_shelf.hpp"

#include "base/registrable_domain.hpp"

#include <chrono>

namespace postseal::discover {
namespace {

/// So that not each message moves its domain.
base::Timestamp roughly(base::Timestamp used) {
    return std::chrono::floor<std::chrono::hours>(used);
}

}  // namespace

StsShelf::Worth StsShelf::worthOf(policy::StsMode mode, AskedBy askedBy) {
    if (askedBy == AskedBy::reports) return Worth::reportsOnly;
    return mode == policy::StsMode::enforce ? Worth::protects : Worth::noDemand;
}

std::optional<std::vector<std::string>> StsShelf::roomFor(const std::string& domain, const Item& item) const {
    std::set<std::string> leaving;
    std::size_t policies = kept_.size() + 1, bytes = bytes_ + item.bytes;
    const auto own = kept_.find(domain);
    const auto leave = [&](const std::string& name) {
        if (!leaving.insert(name).second) return;
        --policies;
        bytes -= kept_.at(name).item.bytes;
    };
    if (own != kept_.end()) leave(domain);

    if (const auto share = shares_.find(base::registrableDomain(domain)); share != shares_.end()) {
        auto ofOne = share->second.policies + 1 - leaving.size();
        auto bytesOfOne =
            share->second.bytes + item.bytes - (own != kept_.end() ? own->second.item.bytes : 0);
        const auto isFull = [&] { return ofOne > limits_.policiesOfOne || bytesOfOne > limits_.bytesOfOne; };
        for (auto each = share->second.order.begin(); isFull(); ++each) {
            if (each == share->second.order.end() || std::get<0>(*each) > item.worth) return std::nullopt;
            if (std::get<2>(*each) == domain) continue;
            --ofOne;
            bytesOfOne -= kept_.at(std::get<2>(*each)).item.bytes;
            leave(std::get<2>(*each));
        }
    }
    for (auto each = order_.begin(); policies > limits_.policies || bytes > limits_.bytes; ++each) {
        if (each == order_.end() || std::get<0>(*each) > item.worth) return std::nullopt;
        leave(std::get<2>(*each));
    }
    leaving.erase(domain);
    return std::vector(leaving.begin(), leaving.end());
}

void StsShelf::add(const std::string& domain, const Item& item) {
    remove(domain);
    const auto& kept = kept_.try_emplace(domain, Kept{item, base::registrableDomain(domain)}).first->second;
    auto& share = shares_[kept.owner];
    ++share.policies;
    share.bytes += item.bytes;
    bytes_ += item.bytes;
    file(domain, kept);
}

void StsShelf::remove(const std::string& domain) {
    const auto known = kept_.find(domain);
    if (known == kept_.end()) return;
    const auto& kept = known->second;
    unfile(domain, kept);
    bytes_ -= kept.item.bytes;
    const auto share = shares_.find(kept.owner);
    share->second.bytes -= kept.item.bytes;
    if (--share->second.policies == 0) shares_.erase(share);
    kept_.erase(known);
}

void StsShelf::use(const std::string& domain, Worth worth, base::Timestamp now) {
    const auto known = kept_.find(domain);
    if (known == kept_.end()) return;
    auto& kept = known->second;
    if (kept.item.worth == worth && roughly(kept.item.used) == roughly(now)) return;
    unfile(domain, kept);
    kept.item.worth = worth;
    kept.item.used = now;
    file(domain, kept);
}

void StsShelf::file(const std::string& domain, const Kept& kept) {
    if (kept.item.worth == Worth::protects) return;
    shares_.at(kept.owner).order.emplace(kept.item.worth, roughly(kept.item.used), domain);
    order_.emplace(kept.item.worth, roughly(kept.item.used), domain);
}

void StsShelf::unfile(const std::string& domain, const Kept& kept) {
    const Order::value_type place{kept.item.worth, roughly(kept.item.used), domain};
    shares_.at(kept.owner).order.erase(place);
    order_.erase(place);
}

}  // namespace postseal::discover
