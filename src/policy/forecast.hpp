// The forecast of `postseal check`: what policy promises for mail to a domain, and the sentence that says so.
// A promise is kept or the mail is not sent. It is that of the weakest host that delivery may ever use,
// unreachable ones included, since an attacker can block the better ones today and the worse ones while the
// administrator looks; only one that has no address, for good, or that policy bars is left out. What a
// handshake showed is told beside it: it may add that nothing can be sent just now, and never makes the
// promise more. Through a smarthost nothing is promised beyond `encrypted`: what lies behind it is not known.
// Pure.
#pragma once

#include "dns/mx_route.hpp"
#include "record/assurance.hpp"
#include "record/requirement.hpp"

#include <cstddef>
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

/// What a handshake with an address of a host just came to.
struct Tried {
    bool isReached = false;  // it answered
    bool isMet = false;      // its requirement held
    std::optional<record::Assurance> assurance = {};
    std::string words = {};  // why it was not reached, or what did not hold
};

struct HostOutlook {
    std::string name;
    record::Requirement requirement = {};      // where a lookup failed: what would hold if it found nothing
    std::optional<dns::Failure> failure = {};  // delivery can't use it
    bool isBarred = false;          // by policy, whatever it offers: it proves nothing where a proof is due
    std::vector<Tried> tried = {};  // its addresses, in their order; empty: it was not tried
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
/// The mail stays on this machine: nobody is between.
Forecast localForecast(std::string_view domain);
/// Mail to it is not even taken.
Forecast refusedForecast(std::string_view asked, std::string_view why);
/// Mail that takes several ways is as safe as the weakest; without hosts. `legs` is not empty.
Forecast weakestOf(std::string_view asked, const std::vector<Forecast>& legs);

/// Clear text is worse than mail that does not leave.
bool isWeaker(const Forecast& one, const Forecast& other);

/// "sealed, or it is not sent": the promise alone, in a few words.
std::string promiseText(const Forecast& forecast);
/// "sealed at the least, with 2 of 2 servers": what handshakes had just now. None: no server was reached.
std::string experienceText(std::optional<record::Assurance> least, std::size_t reached, std::size_t all);

}  // namespace postseal::policy
