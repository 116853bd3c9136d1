#include "net/port_probe.hpp"

#include "base/ascii.hpp"

#include <fmt/format.h>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <system_error>
#include <thread>

namespace postseal::net {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds patience{500};
constexpr std::chrono::milliseconds pauseBetweenTries{20};
constexpr std::uint16_t firstFreePort = 1024;

/// 0, or what socket, bind or listen set.
int tryToBind(const Endpoint& at) {
    const bool v4 = at.address.isV4();
    const int descriptor = ::socket(v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP);
    if (descriptor < 0) return errno;
    const int on = 1;
    // Connections of a server before us, which end by themselves, are no listener.
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (!v4) setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    sockaddr_storage address{};
    const auto size = toSockaddr(at, address);
    const bool isBound = ::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), size) == 0;
    const int code = isBound ? 0 : errno;
    ::close(descriptor);
    return code;
}

int bindWithin(const Endpoint& at) {
    const auto until = std::chrono::steady_clock::now() + patience;
    int code = tryToBind(at);
    while (code == EADDRINUSE && std::chrono::steady_clock::now() < until) {
        std::this_thread::sleep_for(pauseBetweenTries);
        code = tryToBind(at);
    }
    return code;
}

template <class Number>
std::optional<Number> hexadecimal(std::string_view text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, 16);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

/// `0100007F:0019` and `[32 digits]:0019` of /proc/self/net/tcp and tcp6: words of the machine's order, as
/// they stand in memory.
std::optional<Endpoint> parseLocal(std::string_view text) {
    constexpr std::size_t wordDigits = 8;
    const auto colon = text.find(':');
    if (colon != wordDigits && colon != 4 * wordDigits) return std::nullopt;
    const auto port = hexadecimal<std::uint16_t>(text.substr(colon + 1));
    if (!port) return std::nullopt;
    std::array<std::uint8_t, 16> bytes{};
    for (std::size_t at = 0; at < colon; at += wordDigits) {
        const auto word = hexadecimal<std::uint32_t>(text.substr(at, wordDigits));
        if (!word) return std::nullopt;
        std::memcpy(bytes.data() + at / 2, &*word, sizeof *word);
    }
    if (colon == wordDigits)
        return Endpoint{base::IpAddress::v4({bytes[0], bytes[1], bytes[2], bytes[3]}), *port};
    return Endpoint{base::IpAddress::v6(bytes), *port};
}

/// A connection to the one may go to the other. [::] may stand for the addresses of IPv4, too.
bool meet(const Endpoint& one, const Endpoint& other) {
    if (one.port != other.port) return false;
    if (one.address == other.address) return true;
    const bool sameFamily = one.address.isV4() == other.address.isV4();
    if (sameFamily) return one.address.isUnspecified() || other.address.isUnspecified();
    const auto& six = one.address.isV4() ? other.address : one.address;
    return six.isUnspecified();
}

/// The sockets that listen there, by inode.
std::map<std::string, Endpoint> socketsAt(const Endpoint& at) {
    std::map<std::string, Endpoint> sockets;
    for (const auto* table : {"/proc/self/net/tcp", "/proc/self/net/tcp6"}) {
        std::ifstream file(table);
        for (std::string line; std::getline(file, line);) {
            std::istringstream words(line);
            std::string number, local, remote, state, queues, timer, again, user, waits, inode;
            words >> number >> local >> remote >> state >> queues >> timer >> again >> user >> waits >> inode;
            const auto place = parseLocal(local);
            if (place && state == "0A" && meet(at, *place)) sockets.emplace("socket:[" + inode + ']', *place);
        }
    }
    return sockets;
}

/// What its descriptors are links to; nothing where it is another user's.
std::vector<std::string> socketsOf(const fs::path& process) {
    std::vector<std::string> links;
    std::error_code error;
    for (fs::directory_iterator file(process / "fd", error), end; !error && file != end;
         file.increment(error)) {
        std::error_code gone;
        links.push_back(fs::read_symlink(file->path(), gone).string());
    }
    return links;
}

std::string nameOf(const fs::path& process) {
    std::string name;
    std::ifstream file(process / "comm");
    std::getline(file, name);
    return base::escaped(name, 32);
}

}  // namespace

std::vector<PortHolder> holdersOf(const Endpoint& at) {
    const auto sockets = socketsAt(at);
    std::map<std::string, int> owners;  // of a socket, the first process
    std::error_code error;              // a process that has ended meanwhile, or is another's, is passed over
    if (sockets.empty()) return {};
    for (const auto& process : fs::directory_iterator("/proc", error)) {
        int id = 0;
        const auto name = process.path().filename().string();
        if (std::from_chars(name.data(), name.data() + name.size(), id).ec != std::errc()) continue;
        for (const auto& socket : socketsOf(process.path()))
            if (sockets.contains(socket)) {
                const auto [owner, isNew] = owners.emplace(socket, id);
                owner->second = std::min(owner->second, id);
            }
    }
    std::vector<PortHolder> holders;
    for (const auto& [socket, process] : owners) {
        const PortHolder holder{sockets.at(socket), process,
                                nameOf(fs::path("/proc") / std::to_string(process))};
        if (std::ranges::find(holders, holder) == holders.end()) holders.push_back(holder);
    }
    return holders;
}

base::Result<void> probePort(const Endpoint& at) {
    const int code = bindWithin(at);
    if (code == 0) return {};
    std::string words = fmt::format("can't listen on {}", toText(at));
    if (code == EADDRINUSE) {
        words += ": it is served already";
        for (const auto& holder : holdersOf(at))
            words +=
                fmt::format("; {} (process {}) has {}", holder.program, holder.process, toText(holder.at));
        words += "; two servers of one port would each get a part of the mail: stop the other, or take the "
                 "port from it";
    } else if (code == EACCES && at.port < firstFreePort) {
        words +=
            fmt::format(": ports below {} are for root and for who has CAP_NET_BIND_SERVICE", firstFreePort);
    } else if (code == EADDRNOTAVAIL) {
        words += ": that is no address of this machine";
    }
    return base::fail(base::Error{std::error_code(code, std::system_category()), base::Phase::configuration,
                                  std::move(words)});
}

}  // namespace postseal::net
