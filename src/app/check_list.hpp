// What `postseal check` runs: the checks of one domain or of many, under a configuration, whether the server
// runs or not. One core of its own; what the server keeps is read, nothing is written. Called by one thread.
#pragma once

#include "app/load.hpp"
#include "base/result.hpp"
#include "check/checker.hpp"
#include "discover/outbound.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace postseal::app {

class CheckList {
public:
    static constexpr std::size_t mostAtOnce = 50;  // domains

    /// The error is a configuration's, a line each.
    static base::Result<std::unique_ptr<CheckList>, std::string> make(const std::string& configFile);
    /// What servers prove by themselves: no map, nothing that is published, nothing that is kept; each host's
    /// certificate for its own name under the CAs of that file (empty: the configured ones).
    static base::Result<std::unique_ptr<CheckList>, std::string> makeAlone(const std::string& configFile,
                                                                           const std::string& caFile);
    ~CheckList();
    CheckList(const CheckList&) = delete;
    CheckList& operator=(const CheckList&) = delete;

    /// What is wrong and does not keep us from checking: a policy map that can't be read, a resolver that
    /// does not validate. A line each.
    const std::string& warning() const;

    /// Each domain or address of the list, many at once; `take` gets them in the list's order, on the
    /// caller's thread, as soon as they and those before them are known.
    void check(const std::vector<std::string>& list, const check::CheckSettings& settings,
               const std::function<void(check::Checked)>& take);

private:
    struct State;
    explicit CheckList(std::unique_ptr<State> state);
    static base::Result<std::unique_ptr<State>, std::string>
    stateOf(const std::shared_ptr<const Loaded>& loaded, discover::OutboundSettings settings);
    std::unique_ptr<State> state_;
};

}  // namespace postseal::app
