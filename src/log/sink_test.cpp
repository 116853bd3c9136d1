#include "log/sink.hpp"

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <regex>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

using namespace postseal::log;
using namespace std::chrono_literals;

namespace {

struct Pipe {
    Pipe() { REQUIRE(pipe(ends.data()) == 0); }
    ~Pipe() {
        close(ends[0]);
        close(ends[1]);
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;

    /// What can be read now.
    std::string read() const {
        std::string all;
        std::array<char, 65536> part{};
        pollfd readable{ends[0], POLLIN, 0};
        while (poll(&readable, 1, 100) == 1) {
            const auto size = ::read(ends[0], part.data(), part.size());
            if (size <= 0) break;
            all.append(part.data(), static_cast<std::size_t>(size));
        }
        return all;
    }

    std::array<int, 2> ends{};
};

SinkSettings to(const Pipe& pipe) {
    SinkSettings settings;
    settings.descriptor = pipe.ends[1];
    settings.host = "mx";
    return settings;
}

}  // namespace

TEST_CASE("a line bears time, host, program, service and process") {
    const Pipe pipe;
    {
        Sink sink(to(pipe));
        const Log log(sink, "smtpd");
        log.info(Line("BCD1").field("client", "h[192.0.2.1]"));
        log.as("qmgr").warning("slow");
        log.debug("nobody asked for this");
    }
    const std::regex want("[A-Z][a-z]{2} [ 0-9]\\d \\d\\d:\\d\\d:\\d\\d mx postseal/smtpd\\[\\d+\\]: BCD1: "
                          "client=h\\[192.0.2.1\\]\n"
                          "[^\n]* mx postseal/qmgr\\[\\d+\\]: warning: slow\n");
    const auto text = pipe.read();
    INFO(text);
    CHECK(std::regex_match(text, want));
}

TEST_CASE("JSON lines") {
    const Pipe pipe;
    {
        auto settings = to(pipe);
        settings.form = Form::json;
        Sink sink(settings);
        Log(sink, "smtp").info(Line("BCD1").field("status", "sent").note("250 ok"));
    }
    const auto text = pipe.read();
    INFO(text);
    CHECK(text.starts_with(R"({"time":"2)"));
    CHECK(text.ends_with(R"("queue_id":"BCD1","status":"sent","note":"250 ok"})"
                         "\n"));
}

TEST_CASE("rule 56: a reader that does not read blocks nobody; what is lost is counted and told") {
    const Pipe pipe;
    auto settings = to(pipe);
    settings.bufferBytes = 65536;
    std::uint64_t lost = 0;
    {
        Sink sink(settings);
        const Log log(sink, "smtpd");
        const auto begun = std::chrono::steady_clock::now();
        for (int i = 0; i < 20'000; ++i)
            log.info("a line that fills the pipe, then the buffer, and then finds no room any more");
        CHECK(std::chrono::steady_clock::now() - begun < 5s);
        lost = sink.lost();
        CHECK(lost > 0);
        CHECK(pipe.read().find("fills the pipe") != std::string::npos);
        log.info("there is room again");
    }
    const auto rest = pipe.read();
    CHECK(rest.find("there is room again") != std::string::npos);
}

TEST_CASE("syslog gets a datagram a line; without a socket the lines go to the descriptor") {
    const Pipe pipe;
    auto settings = to(pipe);
    settings.target = Target::syslog;
    settings.syslogSocket = "/tmp/postseal-log-test." + std::to_string(getpid());
    const int server = socket(AF_UNIX, SOCK_DGRAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    settings.syslogSocket.copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(bind(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    {
        Sink sink(settings);
        Log(sink, "smtpd").info("one");
        Log(sink, "smtpd").error("two");
    }
    std::array<char, 1024> datagram{};
    auto size = recv(server, datagram.data(), datagram.size(), MSG_DONTWAIT);
    REQUIRE(size > 0);
    const std::string first(datagram.data(), static_cast<std::size_t>(size));
    CHECK(first.starts_with("<22>"));
    CHECK(first.ends_with("]: one"));
    size = recv(server, datagram.data(), datagram.size(), MSG_DONTWAIT);
    REQUIRE(size > 0);
    CHECK(std::string(datagram.data(), static_cast<std::size_t>(size)).starts_with("<19>"));
    close(server);
    unlink(settings.syslogSocket.c_str());
    {
        Sink sink(settings);
        Log(sink, "smtpd").info("three");
    }
    CHECK(pipe.read().find("]: three\n") != std::string::npos);
}

TEST_CASE("many threads log at once") {
    const Pipe pipe;
    {
        Sink sink(to(pipe));
        std::vector<std::thread> threads;
        threads.reserve(4);
        for (int i = 0; i < 4; ++i)
            threads.emplace_back([&sink] {
                for (int line = 0; line < 50; ++line)
                    Log(sink, "smtpd").info("x");
            });
        for (auto& thread : threads)
            thread.join();
    }
    const auto text = pipe.read();
    CHECK(std::ranges::count(text, '\n') == 200);
}
