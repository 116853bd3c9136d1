// Asks DNS, by libunbound: its own thread resolves (and validates), the home core takes the answers, and
// whoever asked goes on, on its own core. Every question has a deadline of the caller's; a question that
// can't be answered is dns::Status::failed, never "no such name". libunbound keeps the cache, bounded. Never
// blocks.
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "dns/answer.hpp"
#include "net/resolver_settings.hpp"
#include "task/awaitable.hpp"
#include "task/completion.hpp"

#include <memory>
#include <vector>

namespace postseal::task {
struct Core;
}

namespace postseal::net {

class Resolver {
public:
    /// The error says which setting is wrong; that servers don't answer is not known before one is asked.
    /// Other settings need another Resolver. Called while the home core does not run yet, or on it.
    static base::Result<std::unique_ptr<Resolver>> make(const ResolverSettings& settings, task::Core& home);
    /// Questions under way are answered as failed. No core may be asking meanwhile, unless all have stopped.
    ~Resolver();
    Resolver(const Resolver&) = delete;
    Resolver& operator=(const Resolver&) = delete;

    /// From any core. When the home core's tasks are cancelled (shutdown), all is answered as failed.
    task::Awaitable<dns::Answer> ask(dns::Question question, base::Tick deadline);
    /// All at once; the answers in the questions' order.
    task::Awaitable<std::vector<dns::Answer>> askAll(std::vector<dns::Question> questions,
                                                     base::Tick deadline);

private:
    struct State;
    explicit Resolver(std::shared_ptr<State> state);
    void submit(dns::Question question, base::Tick deadline, task::Completion<dns::Answer>& done);
    std::shared_ptr<State> state_;  // shared with its task on the home core
};

}  // namespace postseal::net
