// Which MTA-STS policies are kept where there is not room for all. What protects mail of people is never let
// go for another's sake, and whoever registered a domain has no more than a share, however many names he
// makes up below it. What goes first: policies that only our own reports asked for, since strangers choose
// whom we report to; then those that demand nothing; of each kind the longest unused. Counts and names only:
// the policies are the cache's. On one core.
#pragma once

#include "base/time.hpp"
#include "policy/mta_sts.hpp"

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

namespace postseal::discover {

struct StsShelfLimits {
    std::size_t policies = 100'000;
    std::size_t bytes = std::size_t{64} << 20U;
    std::size_t policiesOfOne = 1'000;  // of one owner (base::registrableDomain)
    std::size_t bytesOfOne = std::size_t{1} << 20U;
};

class StsShelf {
public:
    enum class Worth { reportsOnly, noDemand, protects };  // the last is never let go
    enum class AskedBy { reports, mail };                  // mail: at least once
    static Worth worthOf(policy::StsMode mode, AskedBy askedBy);

    struct Item {
        std::size_t bytes = 0;
        Worth worth = Worth::reportsOnly;
        base::Timestamp used{};
    };

    explicit StsShelf(const StsShelfLimits& limits = {}) : limits_(limits) {}

    /// The domains that have to go so that there is room for this one, in place of what it had; nullopt:
    /// there is none, since all that is kept is worth more.
    std::optional<std::vector<std::string>> roomFor(const std::string& domain, const Item& item) const;
    /// Whether there is room or not.
    void add(const std::string& domain, const Item& item);
    void remove(const std::string& domain);
    /// It was asked for, which may be news of its worth.
    void use(const std::string& domain, Worth worth, base::Timestamp now);

    std::size_t size() const { return kept_.size(); }

private:
    using Order = std::set<std::tuple<Worth, base::Timestamp, std::string>>;
    struct Kept {
        Item item;
        std::string owner;
    };
    struct Share {
        std::size_t policies = 0, bytes = 0;
        Order order = {};
    };

    void file(const std::string& domain, const Kept& kept);
    void unfile(const std::string& domain, const Kept& kept);

    StsShelfLimits limits_;
    std::unordered_map<std::string, Kept> kept_;
    std::unordered_map<std::string, Share> shares_;  // by owner
    Order order_;                                    // of those that may be let go, the least worth first
    std::size_t bytes_ = 0;
};

}  // namespace postseal::discover
