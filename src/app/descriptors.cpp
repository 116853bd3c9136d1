#include "app/descriptors.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace postseal::app {

std::optional<std::string> fitSessions(config::Settings& settings, std::size_t descriptors) {
    // A session and a delivery have a connection each, and the file of a large body.
    constexpr std::size_t filesOfOne = 2;
    // Store, readers, resolver, log, event loops, and the listeners of each core.
    constexpr std::size_t filesOfServer = 512;
    constexpr std::size_t leastSessions = 10;

    auto& sessions = settings.receive.sessions.sessions;
    const auto others = filesOfServer + filesOfOne * settings.deliver.connections;
    const auto left = descriptors > others ? descriptors - others : 0;
    const auto fitting = std::max(left / filesOfOne, leastSessions);
    if (sessions <= fitting) return std::nullopt;
    auto warning = fmt::format("limits.sessions: {} sessions would need {} open files and the system allows "
                               "{}: {} sessions are taken "
                               "at a time (raise LimitNOFILE= in the unit, or `ulimit -Hn`)",
                               sessions, others + filesOfOne * sessions, descriptors, fitting);
    sessions = static_cast<unsigned>(fitting);
    return warning;
}

}  // namespace postseal::app
