// Does the resolver really check DNSSEC (rule 17)? Names known to be signed must come proven, names known to
// be bogus must not come at all. Asked at start, each hour, and more often while it is not known or wrong.
// Each verdict is told to whoever must know, and a wrong one is an alarm in the log each time. On one core.
#pragma once

#include "discover/ask.hpp"
#include "log/sink.hpp"
#include "task/awaitable.hpp"

#include <chrono>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace postseal::discover {

enum class ResolverHealth {
    untested,  // nobody checks DNSSEC
    pending,   // the first test is under way
    works,
    unknown,  // the names could not be asked: no word against the resolver
    fails,    // what it calls proven can't be believed, or it proves nothing
};

struct SelfTest {
    std::vector<base::DomainName> proven{*base::DomainName::parse("arpa")};  // which the root signs
    std::vector<base::DomainName> bogus{*base::DomainName::parse("dnssec-failed.org")};
};

struct SelfTestVerdict {
    ResolverHealth health = ResolverHealth::unknown;
    std::string words = {};  // for people; empty where it works
};

/// Pure. A name of which all are one kind says less than it seems: a domain may have been signed or mended
/// since, so one that is as it should be outweighs another that is not.
SelfTestVerdict judgeSelfTest(std::span<const dns::Answer> proven, std::span<const dns::Answer> bogus);

class ResolverWatch {
public:
    /// What the servers themselves lack (net/key_probe), for people; empty: nothing that is known.
    using Why = std::function<task::Awaitable<std::string>()>;
    using Tell = std::function<void(ResolverHealth)>;

    static constexpr int tries = 3;
    static constexpr std::chrono::seconds betweenTries{5}, pause{3600}, pauseInTrouble{60};

    /// Until its core's tasks are cancelled.
    static task::Awaitable<void> run(Ask ask, SelfTest names, Why why, Tell tell, log::Log log);
    /// Once: three tries at most, the first that works is the verdict.
    static task::Awaitable<SelfTestVerdict> test(Ask ask, SelfTest names, std::chrono::milliseconds between);
};

}  // namespace postseal::discover
