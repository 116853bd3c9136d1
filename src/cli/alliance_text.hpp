// Lists of alliances as the `postseal alliance` commands tell them, to people and as JSON, and the list that
// `build` proposes. Pure: values in, text out.
#pragma once

#include "discover/alliance_news.hpp"
#include "discover/alliance_store.hpp"
#include "policy/alliance_set.hpp"

#include <map>
#include <string>
#include <vector>

namespace postseal::cli {

/// A list that was joined; `joined` null: it can't be read, and why.
struct ListedAlliance {
    const discover::AllianceRow* row = nullptr;
    const policy::JoinedAlliance* joined = nullptr;
    std::string trouble = {};
    /// Of our own domains in it: why what they promise is not kept; empty: it is.
    std::map<std::string, std::string> promises = {};
};
std::string forPeople(const std::vector<ListedAlliance>& lists, const policy::AllianceSet& set,
                      base::Timestamp now);
std::string toJson(const std::vector<ListedAlliance>& lists, const policy::AllianceSet& set);

/// A list of its own: name, version, end, and a line for each member.
std::string forPeople(const policy::Alliance& list);
std::string forPeople(const discover::AllianceDiff& diff);

/// What `build` found.
struct DraftMember {
    std::vector<std::string> domains = {}, mx = {};
    std::string to = "secure", from = "encrypt";
    bool isAnchored = false;  // by all anchors of the draft
};
struct Draft {
    std::string name = {};
    base::Timestamp issued{}, expires{};
    std::vector<std::string> anchors = {};  // certificates in PEM
    std::string mode = "testing";
    std::vector<DraftMember> members = {};
};
/// A line for each member, to be read and changed.
std::string toJson(const Draft& draft);

}  // namespace postseal::cli
