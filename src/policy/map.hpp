// The administrator's policy map: Postfix's smtp_tls_policy_maps as text (docs/policy.md has its grammar).
// The whole file is checked and every fault reported; a map with a fault is no map. Searched as Postfix does:
// the next hop as it is written; then, for a bare domain only, each parent as `.parent`. By hash, any thread.
// Pure: `tafile` is read by a function that the caller gives.
#pragma once

#include "base/result.hpp"
#include "policy/claim.hpp"
#include "record/next_hop.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace postseal::policy {

struct MapEntry {
    std::size_t line = 0;
    Claim claim = {};                          // origin map; patterns still stand for what a delivery knows
    std::optional<bool> connectionReuse = {};  // connection_reuse=; none: as everywhere
    std::string text = {};                     // level and attributes as they are written, for a Postfix

    bool operator==(const MapEntry&) const = default;
};

struct MapFault {
    std::size_t line = 0;
    std::string words = {};  // `"secrue" is no level; did you mean "secure"?`

    bool operator==(const MapFault&) const = default;
};
/// `tls_policy:12: "secrue" is no level; did you mean "secure"?`
std::string toText(const MapFault& fault, std::string_view fileName);

/// Gives a tafile's anchors, or what is wrong with it for people.
using LoadAnchors = std::function<base::Result<record::Anchors, std::string>(const std::string& file)>;

class Map {
public:
    Map() = default;  // without entries
    /// `fileName` is for the claims' detail. The error has every fault, in the order of lines.
    static base::Result<Map, std::vector<MapFault>> parse(std::string_view text, std::string_view fileName,
                                                          const LoadAnchors& loadAnchors);

    /// nullptr: no entry. The pointer lives as long as the map.
    const MapEntry* find(const record::NextHop& nextHop) const;
    std::size_t size() const { return entries_.size(); }
    bool empty() const { return entries_.empty(); }
    /// Of the first entries that only a configured CA can meet (`verify` and `secure` without a tafile), in
    /// order.
    std::vector<std::size_t> linesThatNeedAuthorities() const;

private:
    struct Hash : std::hash<std::string_view> {
        using is_transparent = void;
    };
    const MapEntry* at(std::string_view key) const;

    std::unordered_map<std::string, MapEntry, Hash, std::equal_to<>> entries_;
};

}  // namespace postseal::policy
