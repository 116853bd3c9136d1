// The signals that the supervisor waits for. Blocked from here on, so that no thread that begins later gets
// them: made once, on the main thread, before any other.
#pragma once

#include <csignal>
#include <ctime>
#include <optional>

namespace postseal::app {

class Signals {
public:
    Signals() {
        sigemptyset(&set_);
        for (const int signal : {SIGTERM, SIGINT, SIGHUP})
            sigaddset(&set_, signal);
        pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    }
    /// One of them, or nullopt after a second.
    std::optional<int> wait() const {
        const timespec second{1, 0};
        const int signal = sigtimedwait(&set_, nullptr, &second);
        return signal > 0 ? std::optional(signal) : std::nullopt;
    }

private:
    sigset_t set_{};
};

}  // namespace postseal::app
