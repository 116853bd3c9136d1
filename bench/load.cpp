// bench_load: SMTP clients that send mail, shake hands only, or hold idle TLS sessions. Prints one line of
// JSON; exit status 0 only when everything that was asked for was done.
#include "connection.hpp"
#include "options.hpp"

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace postseal::bench;

struct Work {
    Endpoint server;
    std::string recipient, run, body;
    bool implicitTls = false;
    std::size_t messages = 0, perConnection = 0;
    SSL_CTX* context = nullptr;
};

struct Totals {
    std::atomic<std::size_t> taken = 0;  // numbers of messages given to sessions
    std::atomic<std::size_t> accepted = 0, failed = 0, connections = 0;
};

/// One reply, all of its lines; throws unless its code begins with `code`.
void expect(Connection& connection, std::string_view code) {
    for (;;) {
        const auto line = connection.line();
        if (!line.starts_with(code))
            throw std::runtime_error("expected " + std::string(code) + ", got " + std::string(line));
        if (line.size() < 4 || line[3] != '-') return;
    }
}

std::unique_ptr<Connection> openSession(const Work& work) {
    auto connection = Connection::connectTo(work.server);
    if (work.implicitTls) {
        connection->startTlsAsClient(work.context);
        expect(*connection, "220");
    } else {
        expect(*connection, "220");
        connection->write("EHLO load.example\r\n");
        expect(*connection, "250");
        connection->write("STARTTLS\r\n");
        expect(*connection, "220");
        connection->startTlsAsClient(work.context);
    }
    connection->write("EHLO load.example\r\n");
    expect(*connection, "250");
    return connection;
}

void quit(Connection& connection) {
    connection.write("QUIT\r\n");
    expect(connection, "221");
}

void sendMessage(Connection& connection, const Work& work, std::size_t number) {
    connection.write("MAIL FROM:<load@sender.example>\r\nRCPT TO:<" + work.recipient + ">\r\nDATA\r\n");
    expect(connection, "250");
    expect(connection, "250");
    expect(connection, "354");
    const auto id = work.run + "-" + std::to_string(number);
    connection.write("From: load@sender.example\r\nTo: " + work.recipient + "\r\nMessage-ID: <" + id +
                     "@sender.example>\r\nX-Bench-Id: " + id + "\r\nSubject: load\r\n\r\n" + work.body +
                     ".\r\n");
    expect(connection, "250");
}

/// One session after the other until all messages are taken; with perConnection 0 only the handshakes count.
void client(const Work& work, Totals& totals) {
    for (auto number = totals.taken++; number < work.messages;) {
        try {
            const auto connection = openSession(work);
            ++totals.connections;
            for (std::size_t sent = 0; sent < work.perConnection && number < work.messages; ++sent) {
                sendMessage(*connection, work, number);
                ++totals.accepted;
                number = totals.taken++;
            }
            if (work.perConnection == 0) number = totals.taken++;
            quit(*connection);
        } catch (const std::exception& error) {
            std::fprintf(stderr, "bench_load: %s\n", error.what());
            ++totals.failed;
            number = totals.taken++;
        }
    }
}

int sendAll(const Work& work, std::size_t sessions) {
    Totals totals;
    const auto begun = std::chrono::steady_clock::now();
    std::vector<std::thread> clients;
    clients.reserve(sessions);
    for (std::size_t i = 0; i < sessions; ++i)
        clients.emplace_back(client, std::cref(work), std::ref(totals));
    for (auto& thread : clients)
        thread.join();
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begun;
    std::printf("{\"accepted\": %zu, \"connections\": %zu, \"failed\": %zu, \"seconds\": %.3f}\n",
                totals.accepted.load(), totals.connections.load(), totals.failed.load(), seconds.count());
    return totals.failed == 0 ? 0 : 1;
}

/// Opens the sessions, says so, and holds them until standard input ends.
int holdIdle(const Work& work, std::size_t sessions) {
    std::vector<std::unique_ptr<Connection>> open;
    open.reserve(sessions);
    for (std::size_t i = 0; i < sessions; ++i)
        open.push_back(openSession(work));
    std::printf("{\"open\": %zu}\n", open.size());
    std::fflush(stdout);
    while (std::getchar() != EOF) {
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) try {
    std::signal(SIGPIPE, SIG_IGN);
    const Options options(argc, argv,
                          {{"--server", ""},
                           {"--to", "user@sink.example"},
                           {"--run", "run"},
                           {"--mode", "mail"},
                           {"--sessions", "50"},
                           {"--messages", "1000"},
                           {"--per-connection", "20"},
                           {"--size", "4096"},
                           {"--implicit-tls", "no"}});
    const auto context = clientContext();
    Work work{.server = parseEndpoint(options.text("--server")),
              .recipient = options.text("--to"),
              .run = options.text("--run"),
              .body = {},
              .implicitTls = options.isYes("--implicit-tls"),
              .messages = options.number("--messages"),
              .perConnection = options.number("--per-connection"),
              .context = context.get()};
    while (work.body.size() < options.number("--size"))
        work.body += "This line of text is here to give the message the length that was asked for.\r\n";
    if (options.text("--mode") == "idle") return holdIdle(work, options.number("--sessions"));
    if (options.text("--mode") == "handshakes") work.perConnection = 0;
    return sendAll(work, options.number("--sessions"));
} catch (const std::exception& error) {
    std::fprintf(stderr,
                 "bench_load: %s\nusage: bench_load --server ADDRESS:PORT [--mode mail|handshakes|idle] "
                 "[--to ADDRESS] "
                 "[--run NAME] [--sessions N] [--messages N] [--per-connection N] [--size BYTES] "
                 "[--implicit-tls yes]\n",
                 error.what());
    return 2;
}
