// What a process needs to reach destinations and knows of them, put together once: on each core the
// Destinations and the dialer, for all the MTA-STS policies, memory and exceptions, and the resolver's
// self-test. The server and `check` each have one and differ in who starts, tests and writes. Made before the
// cores run, and outlives them.
#pragma once

#include "discover/alliances.hpp"
#include "discover/destination.hpp"
#include "discover/exceptions.hpp"
#include "discover/memory_store.hpp"
#include "discover/mta_sts.hpp"
#include "discover/resolver_watch.hpp"
#include "net/resolver_settings.hpp"
#include "net/smtp_client.hpp"
#include "task/per_core.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace postseal::discover {

struct OutboundSettings {
    std::shared_ptr<const DestinationSettings> destinations;  // with the policy map
    net::SmtpDialerSettings dialer = {};
    std::shared_ptr<const tls::TrustStore> trust;
    bool mtaSts = true;  // false: nobody's policies are looked for
    policy::MemorySettings memory = {};
    AllianceSettings alliances = {};
    std::optional<SelfTest> selfTest = {};  // none: nobody checks DNSSEC
    net::ResolverSettings resolver = {};    // whose servers are looked at where the test does not pass
};

class Outbound {
public:
    /// `writer` null: who only looks.
    Outbound(task::Cores& cores, net::Resolver& resolver, store::Writer* writer, OutboundSettings settings,
             log::Log log);

    Destinations& destinations(std::size_t core) const { return parts_.on(core).destinations; }
    net::SmtpDialer& dialer(std::size_t core) const { return parts_.on(core).dialer; }
    MemoryStore& memory() { return memory_; }
    const Alliances& alliances() const { return alliances_; }
    DaneHistory& daneHistory() { return daneHistory_; }

    /// What others, on the command line, changed since the last call.
    struct News {
        std::vector<RememberedDomain> memories = {};
        std::vector<KeptException> exceptions = {};
        bool alliances = false;                   // other lists are in force
        std::optional<base::Error> trouble = {};  // something could not be read, and is tried the next time
    };
    /// What is kept of domains: policies, memory, exceptions, alliances and who had DANE, each for itself,
    /// all at first. Blocking; one thread.
    News load(store::Readers& readers);
    /// In place of load() where there is no store yet, so that nothing was ever kept.
    void startEmpty();

    /// Before the cores run: keeps policies fresh, and tests the resolver now and again (rule 17).
    void start();
    /// In place of start(), for who asks once, from a thread that is no core: none where there is no test or
    /// no verdict in time.
    std::optional<SelfTestVerdict> testResolver(std::chrono::milliseconds patience);

    /// From any thread. What is decided from now on is decided by these.
    void adopt(const OutboundSettings& settings);
    void adoptPolicy(std::shared_ptr<const DestinationSettings> settings);
    /// What was decided for the domain, or for all, is void: something else is known now.
    void forget(const std::string& domain);
    void forgetAll();

private:
    struct Part {
        Destinations destinations;
        net::SmtpDialer dialer;
    };
    std::unique_ptr<Part> makePart(const OutboundSettings& settings);
    void resolverTested(ResolverHealth health);

    task::Core& home_;  // what is one for all lives here
    Ask ask_;
    log::Log log_;
    std::optional<SelfTest> selfTest_;
    net::ResolverSettings resolver_;
    MtaSts mtaSts_;
    bool arePoliciesLoaded_ = false;
    MemoryStore memory_;
    Exceptions exceptions_ = {};
    Alliances alliances_;
    DaneHistory daneHistory_{};
    task::PerCore<Part> parts_;
};

}  // namespace postseal::discover
