// What `postseal check --inbound` runs: which rules speak of mail from a domain, and whether a client's
// holds, by the gathering and the verdict of the server. Nothing is written. Blocking; DNS is asked where a
// rule hangs on it.
#pragma once

#include "base/ip_address.hpp"
#include "base/result.hpp"
#include "policy/inbound.hpp"

#include <optional>
#include <string>

namespace postseal::app {

/// A client that comes over TLS; with a name it shows a valid certificate for it.
struct SupposedClient {
    base::IpAddress address;
    std::string name = {};
};

struct InboundChecked {
    enum class Verdict { accepted, refused, testing, unknown };  // unknown: it hangs on the client, or on DNS
    std::string domain = {};
    Verdict verdict = Verdict::unknown;
    std::string sentence = {};
    std::vector<policy::RuleNote> rules = {};
};

/// The error is a configuration's or a map's, a line each, or says why DNS can't be asked.
base::Result<InboundChecked, std::string> checkInbound(const std::string& configFile,
                                                       const std::string& domain,
                                                       const std::optional<SupposedClient>& client);

}  // namespace postseal::app
