// Where log lines go: standard error, any descriptor, or syslog's socket. A thread of the sink writes what
// has gathered in one go; who logs only appends to a bounded buffer, so a blocked reader never blocks the
// server (rule 56): what finds no room is counted and reported once there is room again. Any thread.
#pragma once

#include "log/line.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <unistd.h>

namespace postseal::log {

enum class Target { descriptor, syslog };
enum class Form { postfix, json };

struct SinkSettings {
    Target target = Target::descriptor;
    Form form = Form::postfix;
    Level least = Level::info;
    std::string program = "postseal";
    std::string host;                // stands before the program on a descriptor; empty: this machine's
    int descriptor = STDERR_FILENO;  // not closed by the sink
    std::string syslogSocket = "/dev/log";  // where it can't be reached, lines go to the descriptor
    std::size_t bufferBytes = 1 << 20;
};

class Sink {
public:
    explicit Sink(SinkSettings settings);
    /// Writes out what is left, for at most a second.
    ~Sink();
    Sink(const Sink&) = delete;
    Sink& operator=(const Sink&) = delete;

    void write(Level level, std::string_view service, const Line& line);
    Level least() const;
    std::uint64_t lost() const;

private:
    struct State;
    std::shared_ptr<State> state_;  // shared with the writing thread, which may outlive a blocked descriptor
};

/// What rooms hold to log: a sink and the service's name in Postfix's habit (smtpd, cleanup, qmgr, smtp). A
/// value of two words; the sink and the name outlive it. A default-made Log says nothing.
class Log {
public:
    Log() = default;
    Log(Sink& sink, std::string_view service) : sink_(&sink), service_(service) {}
    Log as(std::string_view service) const {
        auto other = *this;
        other.service_ = service;
        return other;
    }

    bool wants(Level level) const { return sink_ && level >= sink_->least(); }
    void write(Level level, const Line& line) const {
        if (wants(level)) sink_->write(level, service_, line);
    }
    void debug(const Line& line) const { write(Level::debug, line); }
    void info(const Line& line) const { write(Level::info, line); }
    void warning(const Line& line) const { write(Level::warning, line); }
    void error(const Line& line) const { write(Level::error, line); }
    void debug(std::string_view words) const { write(Level::debug, words); }
    void info(std::string_view words) const { write(Level::info, words); }
    void warning(std::string_view words) const { write(Level::warning, words); }
    void error(std::string_view words) const { write(Level::error, words); }

private:
    void write(Level level, std::string_view words) const {
        if (wants(level)) sink_->write(level, service_, Line().text(words));
    }

    Sink* sink_ = nullptr;
    std::string_view service_;
};

}  // namespace postseal::log
