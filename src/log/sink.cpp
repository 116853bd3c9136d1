#include "log/sink.hpp"

#include "base/time.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <ctime>
#include <mutex>
#include <thread>
#include <vector>

#include <sys/socket.h>
#include <sys/un.h>

namespace postseal::log {
namespace {

using namespace std::chrono_literals;

constexpr auto gatherTime = 20ms;  // lines of this time share one write
constexpr auto lastWrites = 1s;

int severity(Level level) {
    switch (level) {
    case Level::debug: return 7;
    case Level::info: return 6;
    case Level::warning: return 4;
    case Level::error: return 3;
    }
    return 6;
}

std::string_view word(Level level) {
    switch (level) {
    case Level::debug: return "debug";
    case Level::info: return "info";
    case Level::warning: return "warning";
    case Level::error: return "error";
    }
    return "info";
}

/// `Nov 23 19:38:44` in local time, as syslog has it.
std::string syslogStamp(std::time_t second) {
    std::tm local{};
    localtime_r(&second, &local);
    std::array<char, 32> text{};
    const auto size = std::strftime(text.data(), text.size(), "%b %e %H:%M:%S", &local);
    return {text.data(), size};
}

std::string machineName() {
    std::array<char, 256> name{};
    if (gethostname(name.data(), name.size() - 1) != 0) return "localhost";
    return name.data();
}

void writeAll(int descriptor, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto written = ::write(descriptor, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0 && errno == EAGAIN) {
            std::this_thread::sleep_for(gatherTime);
            continue;
        }
        if (written <= 0) return;  // a closed pipe: there is nobody to tell
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
}

int connectSyslog(const std::string& path) {
    sockaddr_un address{};
    if (path.size() >= sizeof address.sun_path) return -1;
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (socket < 0) return -1;
    if (connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return socket;
    ::close(socket);
    return -1;
}

/// One datagram a line; false when the socket is gone.
bool sendLines(int socket, std::string_view lines) {
    while (!lines.empty()) {
        std::array<iovec, 64> parts{};
        std::array<mmsghdr, 64> messages{};
        unsigned count = 0;
        for (std::string_view rest = lines; !rest.empty() && count < messages.size(); ++count) {
            const auto end = rest.find('\n');
            parts[count] = {const_cast<char*>(rest.data()), end};
            messages[count].msg_hdr.msg_iov = &parts[count];
            messages[count].msg_hdr.msg_iovlen = 1;
            rest.remove_prefix(end + 1);
        }
        const int sent = sendmmsg(socket, messages.data(), count, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) return false;
        for (int i = 0; i < sent; ++i)
            lines.remove_prefix(parts[static_cast<std::size_t>(i)].iov_len + 1);
    }
    return true;
}

}  // namespace

struct Sink::State {
    explicit State(SinkSettings given) : settings(std::move(given)) {
        if (settings.host.empty()) settings.host = machineName();
        if (settings.target == Target::syslog) syslog = connectSyslog(settings.syslogSocket);
    }
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() {
        if (syslog >= 0) ::close(syslog);
    }

    void append(Level level, std::string_view service, const Line& line);
    void appendPrefix(Level level, std::string_view service);
    void appendJsonLine(Level level, std::string_view service, const Line& line);
    void write(const std::string& lines);
    void run();

    SinkSettings settings;
    pid_t pid = getpid();
    int syslog = -1;  // the writing thread's once it runs

    std::mutex mutex;
    std::condition_variable changed;
    std::string pending;  // whole lines, each with its '\n'
    std::time_t stampSecond = -1;
    std::string stamp;
    std::uint64_t lost = 0;
    std::uint64_t lostSinceReport = 0;
    bool urgent = false;
    bool stopping = false;
    bool ended = false;
};

void Sink::State::appendPrefix(Level level, std::string_view service) {
    const auto now = std::time(nullptr);
    if (now != stampSecond) {
        stampSecond = now;
        stamp = syslogStamp(now);
    }
    if (settings.target == Target::syslog) {
        constexpr int mailFacility = 2 << 3;
        pending += '<';
        pending += std::to_string(mailFacility | severity(level));
        pending += '>';
    }
    pending += stamp;
    pending += ' ';
    if (settings.target == Target::descriptor) {
        pending += settings.host;
        pending += ' ';
    }
    pending += settings.program;
    pending += '/';
    pending += service;
    pending += '[';
    pending += std::to_string(pid);
    pending += "]: ";
}

void Sink::State::appendJsonLine(Level level, std::string_view service, const Line& line) {
    const auto now = std::chrono::floor<base::Microseconds>(std::chrono::system_clock::now());
    pending += R"({"time":")";
    pending += base::toRfc3339(now);
    pending += R"(","level":")";
    pending += word(level);
    pending += R"(","service":")";
    pending += service;
    pending += R"(","pid":)";
    pending += std::to_string(pid);
    pending += ',';
    std::string members;
    appendJson(members, line);
    pending += members;
    if (members.empty()) pending.pop_back();
    pending += "}";
}

void Sink::State::append(Level level, std::string_view service, const Line& line) {
    if (settings.form == Form::json) {
        if (settings.target == Target::syslog) appendPrefix(level, service);
        appendJsonLine(level, service, line);
    } else {
        appendPrefix(level, service);
        if (level == Level::warning || level == Level::error) {
            pending += word(level);
            pending += ": ";
        }
        appendPostfix(pending, line);
    }
    pending += '\n';
}

void Sink::State::write(const std::string& lines) {
    if (settings.target == Target::syslog) {
        if (syslog >= 0 && sendLines(syslog, lines)) return;
        // syslogd was restarted: once more on a new socket, else to the descriptor.
        if (syslog >= 0) ::close(syslog);
        syslog = connectSyslog(settings.syslogSocket);
        if (syslog >= 0 && sendLines(syslog, lines)) return;
    }
    writeAll(settings.descriptor, lines);
}

void Sink::State::run() {
    std::string lines;
    std::unique_lock lock(mutex);
    while (true) {
        changed.wait(lock, [this] { return stopping || !pending.empty(); });
        changed.wait_for(lock, gatherTime, [this] { return stopping || urgent; });
        if (pending.empty()) break;
        urgent = false;
        if (lostSinceReport > 0) {
            append(
                Level::warning, "log",
                Line().text(fmt::format("{} lines were lost: the log could not keep up", lostSinceReport)));
            lostSinceReport = 0;
        }
        lines.swap(pending);
        lock.unlock();
        write(lines);
        lines.clear();
        lock.lock();
    }
    ended = true;
    changed.notify_all();
}

Sink::Sink(SinkSettings settings) : state_(std::make_shared<State>(std::move(settings))) {
    // Detached: a reader that never reads again must not keep the server from ending.
    std::thread([](const std::shared_ptr<State>& state) { state->run(); }, state_).detach();
}

Sink::~Sink() {
    std::unique_lock lock(state_->mutex);
    state_->stopping = true;
    state_->changed.notify_all();
    state_->changed.wait_for(lock, lastWrites, [this] { return state_->ended; });
}

void Sink::write(Level level, std::string_view service, const Line& line) {
    if (level < state_->settings.least) return;
    const std::lock_guard lock(state_->mutex);
    const auto size = state_->pending.size();
    if (size >= state_->settings.bufferBytes) {
        ++state_->lost;
        ++state_->lostSinceReport;
        return;
    }
    state_->append(level, service, line);
    if (level >= Level::error || state_->pending.size() >= state_->settings.bufferBytes / 2)
        state_->urgent = true;
    if (size == 0 || state_->urgent) state_->changed.notify_all();
}

Level Sink::least() const {
    return state_->settings.least;
}

std::uint64_t Sink::lost() const {
    const std::lock_guard lock(state_->mutex);
    return state_->lost;
}

}  // namespace postseal::log
