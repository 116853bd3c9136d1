// MTA-STS (RFC 8461): the TXT record that says there is a policy, the policy's text, whether it lists an MX
// host, and what it demands (rules 18, 20, 23). Pure: fetching, keeping and refreshing are
// discover/mta_sts_cache's. Input is hostile; any thread.
#pragma once

#include "base/result.hpp"
#include "dns/answer.hpp"
#include "policy/claim.hpp"
#include "policy/mx_pattern.hpp"

#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace postseal::policy {

/// The name to ask for: `_mta-sts.example.org`. The error: there can be no such name.
base::Result<base::DomainName, std::string> stsRecordName(const base::DomainName& domain);
/// Where the policy is served: `mta-sts.example.org`.
base::Result<base::DomainName, std::string> stsPolicyHost(const base::DomainName& domain);

struct TxtFinding {
    enum class Kind {
        none,    // no record, several, or a malformed one: no policy is announced, but a kept one holds
        id,      // a policy is announced
        failed,  // DNS did not answer: nothing is known
    };
    Kind kind = Kind::none;
    std::string id = {};
    std::string why = {};  // failed, and none where something is wrong with what is there; for people

    bool operator==(const TxtFinding&) const = default;
};
/// Of the answer to TXT of stsRecordName.
TxtFinding parseTxt(const dns::Answer& answer);
/// The same of the records alone.
TxtFinding parseTxt(std::span<const dns::Text> records);

enum class StsMode { none, testing, enforce };  // ordered: a lower one protects less
std::string_view toText(StsMode mode);

struct MtaStsPolicy {
    static constexpr std::chrono::seconds longestAge{31'557'600};  // a larger max_age counts as this
    static constexpr std::size_t longestText = std::size_t{64} << 10U;
    static constexpr std::size_t mostPatterns = 100;

    StsMode mode = StsMode::none;
    std::chrono::seconds maxAge{0};
    std::vector<MxPattern> patterns = {};  // never empty but in mode none

    bool operator==(const MtaStsPolicy&) const = default;
};

/// The error names the line and what is wrong with it, for people. Stricter than the grammar in the number of
/// hosts alone; laxer in that empty lines are skipped and a too large max_age is cut.
base::Result<MtaStsPolicy, std::string> parsePolicy(std::string_view text);
/// The text of this policy and of nothing else, its hosts in their order.
std::string toText(const MtaStsPolicy& policy);

/// `mxHost` is the name in the MX record, A-labels in lower case; `*` stands for exactly one label.
bool lists(const MtaStsPolicy& policy, std::string_view mxHost);

/// What the policy asks of each host that it lists (one that it does not list may not be used under
/// `enforce`): a certificate for that host's own name. In the modes testing and none it asks nothing and
/// stands in the record only. `id` is that of the TXT record.
Claim mtaStsClaim(const MtaStsPolicy& policy, std::string_view id);

}  // namespace postseal::policy
