#include "deliver/report_rates.hpp"

#include "base/registrable_domain.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace postseal::deliver {
namespace {

using base::Tick;

constexpr std::chrono::hours window{1};

/// Where one more moves what has left so far.
Tick next(Tick spread, std::size_t limit, Tick now) {
    if (limit == 0) return now;
    return std::max(spread, now) + Tick::duration(window) / static_cast<std::int64_t>(limit);
}

std::string ownerOf(const record::MailDomain& domain) {
    const auto* name = std::get_if<base::DomainName>(&domain);
    return name == nullptr ? record::toText(domain) : base::registrableDomain(name->text());
}

}  // namespace

std::optional<std::string> strangerOf(const directory::Directory& directory, const record::Mailbox& sender,
                                      base::Timestamp now) {
    const auto found = directory.resolve(sender, now);
    if (const auto* foreign = std::get_if<directory::Foreign>(&found)) {
        if (foreign->by == directory::Foreign::By::route) return std::nullopt;
        return ownerOf(sender.domain());
    }
    const auto* ours = std::get_if<directory::Ours>(&found);
    if (ours == nullptr || !ours->isSrs) return std::nullopt;
    return ownerOf(ours->targets.front().address.domain());  // SRS: whoever it stands for
}

bool ReportRates::takes(const std::string& domain, const ReportLimits& limits, Tick now) {
    const std::scoped_lock lock(mutex_);
    auto& spread = spreadOf(domain, now);
    const auto ofDomain = next(spread, limits.toDomain, now), ofAll = next(all_, limits.inAll, now);
    if (std::max(ofDomain, ofAll) > now + window) return false;
    spread = ofDomain;
    all_ = ofAll;
    return true;
}

std::size_t ReportRates::letGo() {
    const std::scoped_lock lock(mutex_);
    return ++letGo_;
}

/// Who makes up more domains than are kept shares one count with all the others of that kind.
Tick& ReportRates::spreadOf(const std::string& domain, Tick now) {
    if (const auto known = domains_.find(domain); known != domains_.end()) return known->second;
    if (domains_.size() >= mostDomains)
        std::erase_if(domains_, [now](const auto& each) { return each.second <= now; });
    return domains_.size() >= mostDomains ? domains_[{}] : domains_[domain];
}

}  // namespace postseal::deliver
