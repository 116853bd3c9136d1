// The verdict of `postseal check`: what policy promises for mail to a domain, and the sentence that says so.
// A promise is kept or the mail is not sent; it is that of the weakest host that delivery may use, since an
// attacker can block the better ones. What a handshake showed is told beside it and never makes it more.
// Through a smarthost nothing is promised beyond `encrypted`: what lies behind it is not known. Pure.
#pragma once

#include "dns/mx_route.hpp"
#include "record/assurance.hpp"
#include "record/requirement.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postseal::policy {

enum class Verdict {
    sealed,     // the server proves who it is, or the mail is not sent
    encrypted,  // TLS, or the mail is not sent
    open,       // nothing is promised
    waits,      // no host can be used: the mail would wait, and then return
    returns,    // at once
};
std::string_view toText(Verdict verdict);

/// What a handshake with a host just came to.
struct Tried {
    bool isReached = false;  // it answered
    bool isMet = false;      // its requirement held
    std::optional<record::Assurance> assurance = {};
    std::string words = {};  // why it was not reached, or what did not hold
};

struct HostOutlook {
    std::string name;
    record::Requirement requirement = {};
    std::optional<dns::Failure> failure = {};  // delivery can't use it
    std::optional<Tried> tried = {};
};

struct Outlook {
    std::string domain;
    std::vector<HostOutlook> hosts = {};
    std::optional<dns::Failure> failure = {};  // nothing can be tried
    std::string smarthost = {};                // that takes mail for everyone; empty: none
};

struct HostForecast {
    Verdict verdict = Verdict::open;
    std::string reason = {};  // why, for people

    bool operator==(const HostForecast&) const = default;
};

struct Forecast {
    Verdict verdict = Verdict::open;
    bool isPromised = false;  // enforced, or not sent
    std::string sentence = {};
    std::vector<HostForecast> hosts = {};  // in the outlook's order

    bool operator==(const Forecast&) const = default;
};

Forecast forecast(const Outlook& outlook);
/// The domain is ours, and its mail leaves by no wire.
Forecast localForecast(std::string_view domain);
/// Mail to it is not even taken.
Forecast refusedForecast(std::string_view asked, std::string_view why);

}  // namespace postseal::policy
