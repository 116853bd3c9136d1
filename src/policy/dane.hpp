// DANE for SMTP (RFC 7672): from what DNSSEC said of a host's addresses to its TLSA records, as a machine
// from answers to more questions, and from the records to a claim. Every error is told apart from "there are
// none": a host whose records could not be had is not used (rule 1). Not here: whether a certificate fits
// (tls). Pure; TLSA records are hostile; any thread.
#pragma once

#include "dns/mx_route.hpp"
#include "policy/claim.hpp"
#include "policy/outbound.hpp"
#include "record/tlsa.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace postseal::policy {

struct DaneFinding {
    enum class Kind {
        none,      // DANE does not apply to this host; `why` tells what was missing
        records,   // secure TLSA records; `usable` empty: TLS is demanded, and proves nothing (rule 9)
        unproven,  // there are some, and while our resolver does not validate nothing proves them: TLS is
                   // demanded
        failed,    // not known: the host must not be used (rule 1)
    };
    Kind kind = Kind::none;
    std::string base = {};                         // the TLSA base domain; empty without records
    std::vector<record::Tlsa> usable = {};         // after digest agility; sorted, since DNS rotates them
    std::size_t unusable = 0;                      // records of another use, form or length
    std::string why = {};                          // none and failed: for people
    std::optional<std::chrono::seconds> ttl = {};  // the smallest of the answers; none: nothing was asked

    bool operator==(const DaneFinding&) const = default;
};

/// Whether our resolver is known not to validate: what it does not prove may be proven all the same.
enum class Resolver { believed, fails };

/// One host's lookups, after those of its addresses.
class DaneLookup {
public:
    static constexpr std::size_t mostRecords = 64;  // usable ones of one host

    DaneLookup(const dns::RouteHost& host, std::uint16_t port, Resolver resolver = Resolver::believed);

    /// What is to be asked now; empty: the finding is known.
    const std::vector<dns::Question>& questions() const { return questions_; }
    /// One answer for each question.
    void answered(const std::vector<dns::Answer>& answers);

    const DaneFinding& finding() const { return finding_; }

private:
    void begin(const dns::RouteHost& host);
    void answeredTlsa(const dns::Answer& answer);
    void askNext();
    void end(DaneFinding::Kind kind, std::string why);

    std::uint16_t port_;
    Resolver resolver_;
    bool isAddressProven_ = false;
    std::vector<dns::Question> questions_;
    std::vector<base::DomainName> bases_;  // still to be tried, the next one last
    DaneFinding finding_;
};

/// Usage DANE-TA or DANE-EE, certificate or key, whole or a digest of the right length (rule 9; RFC 7672
/// §3.1.3 leaves PKIX-TA and PKIX-EE out).
bool isUsable(const record::Tlsa& record);
/// Of each usage and selector the strongest digest and what is given in full (rule 12; RFC 7671 §9); sorted.
std::vector<record::Tlsa> withDigestAgility(std::vector<record::Tlsa> usable);

/// What is said where our resolver does not validate and the domain once had DANE: its mail waits (rule 17).
Claim daneOnceHad(base::Timestamp last);
/// And where no TLSA records are seen: a note, which demands nothing.
Claim daneNotSeen();

/// The claim of a host's records, nullopt where there are none. What it proves depends on how we came to the
/// host (`host.source`, rule 6); `expandedNextHop` is dns::Route::canonical.
std::optional<Claim> daneClaim(const DaneFinding& finding, const HostContext& host,
                               const std::optional<base::DomainName>& expandedNextHop);

}  // namespace postseal::policy
