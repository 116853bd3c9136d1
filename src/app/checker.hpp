// What `postseal check` asks: how mail to a domain would leave under a configuration, found out by the code
// that delivers it, whether the server runs or not. One core of its own; caches are read, nothing is written,
// no mail is sent. Called by one thread.
#pragma once

#include "app/load.hpp"
#include "base/result.hpp"
#include "discover/destination.hpp"
#include "discover/probe.hpp"
#include "policy/explain_verdict.hpp"
#include "policy/memory.hpp"
#include "policy/requiretls.hpp"
#include "record/mailbox.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace postseal::app {

enum class Handshakes { no, yes };

struct Checked {
    std::string asked;           // a domain or an address, as it was given
    std::string domain = {};     // A-labels; empty: it is none
    std::string nextHop = {};    // empty: the mail stays here
    std::string smarthost = {};  // the next hop's, where it takes mail for everyone
    std::shared_ptr<const discover::Destination> destination = {};  // null without a next hop
    std::vector<discover::Probe> probes = {};                       // of its hosts; empty: not asked for
    policy::Forecast forecast = {};
    std::optional<policy::Memory> remembered = {};  // what deliveries had
    base::Timestamp time{};                         // of the check
};

struct CheckSettings {
    Handshakes handshakes = Handshakes::no;
    policy::MailKind kind = policy::MailKind::message;
};

class Checker {
public:
    static constexpr std::size_t mostAtOnce = 50;  // domains

    /// The error is a configuration's, a line each.
    static base::Result<std::unique_ptr<Checker>, std::string> make(const std::string& configFile);
    ~Checker();
    Checker(const Checker&) = delete;
    Checker& operator=(const Checker&) = delete;

    /// What is wrong and does not keep us from checking: a policy map that can't be read, a resolver that
    /// does not validate. A line each.
    const std::string& warning() const;

    /// Each domain or address of the list, many at once; `take` gets them in the list's order, on the
    /// caller's thread, as soon as they and those before them are known.
    void check(const std::vector<std::string>& list, const CheckSettings& settings,
               const std::function<void(Checked)>& take);

private:
    struct State;
    explicit Checker(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace postseal::app
