// The account of an attempt: which recipients are not decided yet, what was said of each last, and a hop
// record for each connection that was tried. What hosts say is weighed by deliver/verdict.
#pragma once

#include "deliver/attempt.hpp"
#include "deliver/outcome.hpp"
#include "deliver/verdict.hpp"
#include "deliver/way.hpp"
#include "discover/destination.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace postseal::deliver {

class Account {
public:
    /// `hostname` is ours: who speaks on a Unix socket.
    Account(const queue::Lease& lease, const Leg& leg, std::string hostname);

    std::span<RecipientEnd> open() { return open_; }
    std::size_t openCount() const { return open_.size(); }
    /// Nobody is left, or a host may have the message.
    bool isDone() const { return open_.empty() || mustWait_; }
    Outcome& outcome() { return outcome_; }

    /// The destination has no host that could be tried.
    void nobodyThere(const discover::Failure& failure);
    /// One host of several: whatever is wrong with it, another one may take the message, now or later.
    void unusable(const discover::Host& host);
    /// The connection came to nothing: of all who are not decided, from `first` on.
    void failed(const discover::Host& host, const Link& link, std::size_t first = 0);
    /// A transaction is over: what the host has said of `count` recipients from `first` on.
    void answered(const discover::Host& host, const Link& link, std::size_t first, std::size_t count);
    /// More addresses than are tried at once.
    void notAllTried(std::size_t tried, std::size_t all);

    /// Recipients that are decided leave the open ones; whom a host deferred the next one may take.
    void settleDecided();
    /// Nobody is left to ask.
    Outcome conclude();

private:
    Said saidOf(const smtp::RecipientResult& result, const discover::Host& host, const Link& link,
                const RecipientEnd& end) const;

    const queue::Lease& lease_;
    const Way& way_;
    std::string hostname_;
    std::vector<RecipientEnd> open_;
    bool mustWait_ = false;      // a host may have the message: it must not get to another one now
    bool lacksKeyword_ = false;  // a proven host did not offer REQUIRETLS
    Chance chance_ = Chance::none;
    Outcome outcome_;
};

}  // namespace postseal::deliver
