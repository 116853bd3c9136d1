// How memory and connections are shared among next hops, so that slow or dead ones, however many messages
// wait for them, never hold the others. Pure.
#pragma once

#include <algorithm>
#include <cstddef>

namespace postseal::deliver {

/// What is used by all next hops together, and by one of them.
struct Usage {
    std::size_t all = 0;
    std::size_t here = 0;
};

inline constexpr std::size_t shareOfMemory = 10;  // one next hop has at most a tenth
inline constexpr std::size_t reserve = 10;  // the last tenth of all is for those who have next to nothing
inline constexpr std::size_t nextToNothing = 10;  // leases
inline constexpr std::size_t reportShare = 10;    // reports have a tenth

/// The most leases of one next hop that are in memory.
constexpr std::size_t shareOf(std::size_t most) {
    return std::max<std::size_t>(1, most / shareOfMemory);
}

/// Whether one more lease may wait in memory.
constexpr bool hasRoom(Usage leases, std::size_t most) {
    const auto limit = leases.here < nextToNothing ? most : most - most / reserve;
    return leases.all < limit && leases.here < shareOf(most);
}

/// Whether one more connection may be opened. Fifty tarpits with twenty connections each leave some for
/// whoever has none.
constexpr bool mayConnect(Usage connections, std::size_t most) {
    return connections.all < (connections.here == 0 ? most : most - most / reserve);
}

/// The most of it that reports have, of memory as of connections.
constexpr std::size_t shareOfReports(std::size_t most) {
    return std::max(nextToNothing, most / reportShare);
}

/// One core's share of all connections; each has one at least.
constexpr std::size_t shareOfCore(std::size_t all, std::size_t cores) {
    return std::max<std::size_t>(1, all / cores);
}

}  // namespace postseal::deliver
