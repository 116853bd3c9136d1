// What a newer list changes, and what became of a look for one, in values and in words. Pure; any thread.
#pragma once

#include "discover/alliance_list.hpp"
#include "policy/after_end.hpp"

#include <optional>
#include <string>
#include <vector>

namespace postseal::discover {

/// Between two versions of a list; each domain as the list writes it, in the order of names.
struct AllianceDiff {
    std::vector<std::string> joined = {}, gone = {};
    struct Change {
        std::string domain, words;  // `to secure instead of encrypt`, `other trust anchors`
        bool operator==(const Change&) const = default;
    };
    std::vector<Change> changed = {};

    bool empty() const { return joined.empty() && gone.empty() && changed.empty(); }
    bool operator==(const AllianceDiff&) const = default;
};
AllianceDiff diffOf(const policy::Alliance& before, const policy::Alliance& after);
/// In one line: `2 domains came (a.example, b.example), 1 changed`.
std::string inWords(const AllianceDiff& diff);

/// After a fetch: the list to be kept in place of the old one, none: it is the same; or why it was refused.
struct AllianceRenewal {
    std::optional<KeptAlliance> kept = {};
    std::string news = {};
    std::string trouble = {};
};
AllianceRenewal renewalOf(const KeptAlliance& kept, const base::Result<std::string, std::string>& text,
                          base::Timestamp now);

/// `the list of the alliance post ends on 2027-01-31, in 12 days ...`.
std::string endInWords(const policy::Alliance& list, policy::AfterEnd afterEnd, const std::string& source,
                       base::Timestamp now);

}  // namespace postseal::discover
