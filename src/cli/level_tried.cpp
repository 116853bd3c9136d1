#include "cli/level_tried.hpp"

#include "base/ascii.hpp"
#include "policy/hindsight.hpp"
#include "record/json_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace postseal::cli {
namespace {

using record::Level;

std::string domainOf(std::string_view address) {
    return std::string(address.substr(address.rfind('@') + 1));
}

std::string sinceOf(base::Timestamp since) {
    return since == base::Timestamp() ? "as far back as is recorded" : "since " + base::toRfc3339(since);
}

}  // namespace

base::Result<TriedLevel, std::string> parseTriedLevel(const std::string& word) {
    constexpr std::array demanding{Level::encrypt, Level::daneOnly, Level::verify, Level::secure};
    if (word == "sealed") return TriedLevel{word, policy::standardSealed()};
    const auto level = record::parseLevel(word);
    if (level && std::ranges::find(demanding, *level) != demanding.end())
        return TriedLevel{word, policy::standardClaim(*level)};
    return base::fail(fmt::format("'{}' {}; try one of encrypt, dane-only, verify, secure, sealed",
                                  base::escaped(word, 40),
                                  level ? "as the default level holds nothing back" : "is no level"));
}

void LevelTried::add(const record::HopRecord& hop) {
    if (hop.direction != record::Direction::out || hop.local) return;
    for (const auto& recipient : hop.recipients) {
        if (recipient.result != record::HopResult::delivered) continue;
        auto domain = domainOf(recipient.address);
        auto found = policy::hindsight(hop, domain, level_.claim);
        if (found.what == policy::Hindsight::What::decidedElsewhere) {
            ++elsewhere_;
            continue;
        }
        auto& row = rowOf(std::move(domain));
        ++row.sent;
        if (found.what == policy::Hindsight::What::passes) continue;
        ++row.held;
        if (row.why.empty()) row.why = std::move(found.why);
    }
}

LevelTried::Row& LevelTried::rowOf(std::string domain) {
    if (domains_.size() >= mostDomains && !domains_.contains(domain)) domain = others;
    auto& row = domains_[domain];
    row.domain = std::move(domain);
    return row;
}

LevelTried::Row LevelTried::sum() const {
    Row sum;
    for (const auto& [domain, row] : domains_) {
        sum.sent += row.sent;
        sum.held += row.held;
    }
    return sum;
}

bool LevelTried::holdsAny() const {
    return sum().held > 0;
}

std::vector<LevelTried::Row> LevelTried::rows(std::size_t limit) const {
    std::vector<Row> held;
    for (const auto& [domain, row] : domains_)
        if (row.held > 0) held.push_back(row);
    std::ranges::sort(held, [](const Row& one, const Row& other) {
        return std::pair(-one.held, one.domain) < std::pair(-other.held, other.domain);
    });
    Row rest{.domain = std::string(others)};
    for (std::size_t i = limit; i < held.size(); ++i) {
        rest.sent += held[i].sent;
        rest.held += held[i].held;
    }
    held.resize(std::min(held.size(), limit));
    if (rest.held > 0) held.push_back(std::move(rest));
    return held;
}

std::string LevelTried::forPeople(base::Timestamp since, std::size_t limit) const {
    const auto all = sum();
    auto text = fmt::format("With [outbound] level = \"{}\", of {} recipients to whom mail was sent ({})\n",
                            level_.word, all.sent + elsewhere_, sinceOf(since));
    text +=
        all.held == 0
            ? "each would have had it as well.\n"
            : fmt::format("{} would have waited for it, and in the end it would have come back.\n", all.held);
    if (elsewhere_ > 0)
        text += fmt::format(
            "For {} an entry of the policy map or an exception decides, whatever the level.\n", elsewhere_);
    if (all.held == 0) return text;
    text += fmt::format("\n{:>9} {:>9}  {:<32} {}\n", "WAITING", "OF", "DOMAIN", "WHY, THE LAST TIME");
    for (const auto& row : rows(limit))
        text += fmt::format("{:>9} {:>9}  {:<32} {}\n", row.held, row.sent, base::escaped(row.domain, 255),
                            base::escaped(row.why, 200));
    return text;
}

std::string LevelTried::toJson(base::Timestamp since, std::size_t limit) const {
    const auto all = sum();
    record::JsonText json;
    json.open('{');
    json.member("level", level_.word);
    json.key("since").valueOrNull(since == base::Timestamp() ? "" : base::toRfc3339(since));
    json.member("sent", all.sent + elsewhere_).member("held", all.held);
    json.member("decided_elsewhere", elsewhere_);
    json.key("domains").open('[');
    for (const auto& row : rows(limit)) {
        json.open('{');
        json.member("domain", row.domain).member("sent", row.sent).member("held", row.held);
        json.member("reason", row.why);
        json.close('}');
    }
    json.close(']');
    json.close('}');
    return json.take();
}

}  // namespace postseal::cli
