// bench_sink: the server behind the server. Takes mail over STARTTLS and counts it; one line of JSON when
// --expect messages are there, or after --limit seconds.
#include "connection.hpp"
#include "options.hpp"

#include <sys/socket.h>

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <exception>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_set>

namespace {

using namespace postseal::bench;

struct Totals {
    std::mutex mutex;
    std::condition_variable changed;
    std::unordered_set<std::string> ids;
    std::size_t messages = 0, duplicates = 0, cleartext = 0, connections = 0, handshakes = 0, resumed = 0,
                broken = 0;
};

/// What every connection needs to know; outlives all of them.
struct Sink {
    SSL_CTX* context;
    Totals totals;
};

std::string idOf(std::string_view text) {
    constexpr std::string_view field = "X-Bench-Id: ";
    const auto at = text.find(field);
    if (at == text.npos) return {};
    const auto rest = text.substr(at + field.size());
    return std::string(rest.substr(0, rest.find('\r')));
}

void count(Sink& sink, std::string_view text, bool secured) {
    const std::lock_guard lock(sink.totals.mutex);
    ++sink.totals.messages;
    if (!secured) ++sink.totals.cleartext;
    if (!sink.totals.ids.insert(idOf(text)).second) ++sink.totals.duplicates;
    sink.totals.changed.notify_one();
}

void secure(Sink& sink, Connection& connection) {
    connection.write("220 2.0.0 go ahead\r\n");
    connection.startTlsAsServer(sink.context);
    const std::lock_guard lock(sink.totals.mutex);
    ++sink.totals.handshakes;
    if (connection.isResumed()) ++sink.totals.resumed;
}

/// Replies are gathered until the client waits for them, as pipelining wants.
void talk(Sink& sink, Connection& connection) {
    std::string replies = "220 sink.example ESMTP\r\n";
    for (;;) {
        if (!connection.hasLine()) {
            connection.write(replies);
            replies.clear();
        }
        const std::string command(connection.line().substr(0, 4));
        if (command == "EHLO") {
            replies += "250-sink.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n";
            replies += connection.isSecured() ? "250 SIZE 0\r\n" : "250-SIZE 0\r\n250 STARTTLS\r\n";
        } else if (command == "STAR") {
            secure(sink, connection);
        } else if (command == "DATA") {
            connection.write(replies + "354 go ahead\r\n");
            replies.clear();
            const auto text = connection.text();
            connection.write("250 2.0.0 Ok\r\n");  // before it is counted: the last one ends the program
            count(sink, text, connection.isSecured());
        } else if (command == "QUIT") {
            break;
        } else {
            replies += "250 2.1.0 Ok\r\n";
        }
    }
    connection.write(replies + "221 2.0.0 bye\r\n");
}

void serve(Sink& sink, int socket) {
    Connection connection(socket);
    try {
        talk(sink, connection);
    } catch (const std::exception&) {
        const std::lock_guard lock(sink.totals.mutex);
        ++sink.totals.broken;  // it hung up in the middle
    }
}

void acceptAll(Sink& sink, int listener) {
    for (;;) {
        const int socket = ::accept(listener, nullptr, nullptr);
        if (socket < 0) continue;
        {
            const std::lock_guard lock(sink.totals.mutex);
            ++sink.totals.connections;
        }
        std::thread(serve, std::ref(sink), socket).detach();
    }
}

}  // namespace

int main(int argc, char** argv) try {
    std::signal(SIGPIPE, SIG_IGN);
    const Options options(argc, argv,
                          {{"--listen", ""},
                           {"--chain", ""},
                           {"--key", ""},
                           {"--expect", "0"},
                           {"--limit", "120"},
                           {"--tickets", "yes"}});
    const auto tickets = options.isYes("--tickets") ? Tickets::one : Tickets::none;
    const auto context = serverContext(options.text("--chain"), options.text("--key"), tickets);
    Sink sink{.context = context.get(), .totals = {}};
    std::thread(acceptAll, std::ref(sink), listenOn(parseEndpoint(options.text("--listen")))).detach();

    auto& totals = sink.totals;
    const auto expected = options.number("--expect");
    std::unique_lock lock(totals.mutex);
    const bool complete = totals.changed.wait_for(lock, std::chrono::seconds(options.number("--limit")),
                                                  [&] { return totals.ids.size() >= expected; });
    std::printf(
        "{\"messages\": %zu, \"unique\": %zu, \"duplicates\": %zu, \"cleartext\": %zu, \"connections\": %zu, "
        "\"handshakes\": %zu, \"resumed\": %zu, \"broken\": %zu}\n",
        totals.messages, totals.ids.size(), totals.duplicates, totals.cleartext, totals.connections,
        totals.handshakes, totals.resumed, totals.broken);
    std::fflush(stdout);
    std::quick_exit(complete ? 0 : 1);  // connections still run in their threads
} catch (const std::exception& error) {
    std::fprintf(
        stderr,
        "bench_sink: %s\nusage: bench_sink --listen ADDRESS:PORT --chain FILE --key FILE --expect MESSAGES "
        "[--limit SECONDS] [--tickets no]\n",
        error.what());
    return 2;
}
