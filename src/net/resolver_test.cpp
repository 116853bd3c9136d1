#include "net/resolver.hpp"

#include "net/test_peers.hpp"

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <map>
#include <thread>

#include <poll.h>

using namespace postseal;
using namespace postseal::net;
using namespace postseal::net::test;

namespace {

/// A name server that answers by the first label of the question.
class NameServer {
public:
    NameServer() : socket_(socket(AF_INET, SOCK_DGRAM, 0)) {
        sockaddr_storage address{};
        const auto size = toSockaddr(loopback, address);
        REQUIRE(bind(socket_, reinterpret_cast<const sockaddr*>(&address), size) == 0);
        at = localOf(socket_);
        stream_ = socket(AF_INET, SOCK_STREAM, 0);
        const auto streamSize = toSockaddr(at, address);
        REQUIRE(bind(stream_, reinterpret_cast<const sockaddr*>(&address), streamSize) == 0);
        REQUIRE(listen(stream_, 10) == 0);
        thread_ = std::thread([this] { serve(); });
    }
    ~NameServer() {
        stopping_ = true;
        thread_.join();
        close(socket_);
        close(stream_);
    }
    NameServer(const NameServer&) = delete;
    NameServer& operator=(const NameServer&) = delete;

    Endpoint at;

private:
    static std::string record(const std::string& type, std::string_view data) {
        const auto size = static_cast<char>(data.size());
        return std::string("\xc0\x0c", 2) + std::string(1, '\0') + type +
               std::string("\0\x01\0\0\0\x3c\0", 7) + size + std::string(data);
    }

    static std::string answerTo(std::string_view query, bool byStream = false) {
        using namespace std::string_literals;
        const auto label = query.substr(13, static_cast<std::size_t>(query[12]));
        if (label == "silent") return {};
        if (label == "garbage") return std::string(query.substr(0, 4)) + std::string(300, '\xff');
        auto end = query.find('\0', 12) + 5;  // the name's end, type and class
        char code = 0;
        char count = 0;
        const bool isProven = label == "proven" || label == "cut";
        std::string records;
        if (label == "nx") code = 3;
        if (label == "servfail") code = 2;
        if (label == "refused") code = 5;
        if (label == "found") {
            count = 1;
            switch (query[end - 3]) {
            case 1: records = record("\x01", "\x7f\0\0\2"s); break;
            case 12: records = record("\x0c", "\2mx\7example\0"s); break;
            case 15: records = record("\x0f", "\0\x0a\2mx\7example\0"s); break;
            case 16: records = record("\x10", "\5v=STS"s); break;
            case 28: records = record("\x1c", std::string(15, '\0') + '\1'); break;
            default: count = 0;
            }
        }
        if (isProven) records = record("\x01", "\x7f\0\0\2"s), count = 1;
        if (label == "truncated") records = record({query[end - 3]}, "\x7f"s), count = 1;
        std::string answer(query.substr(0, 2));
        answer += label == "cut" && !byStream ? '\x83' : '\x81';
        answer += static_cast<char>(0x80 | (isProven ? 0x20 : 0) | code);
        answer += "\0\1\0"s + count + "\0\0\0\0"s;
        answer += query.substr(12, end - 12);
        return answer + records;
    }

    void serve() {
        std::array<char, 2000> query{};
        while (!stopping_) {
            std::array<pollfd, 2> readable{{{socket_, POLLIN, 0}, {stream_, POLLIN, 0}}};
            if (poll(readable.data(), readable.size(), 20) < 1) continue;
            if (readable[1].revents != 0) serveStream();
            if (readable[0].revents == 0) continue;
            sockaddr_storage from{};
            socklen_t length = sizeof from;
            const auto size =
                recvfrom(socket_, query.data(), query.size(), 0, reinterpret_cast<sockaddr*>(&from), &length);
            if (size < 17) continue;
            const auto answer = answerTo({query.data(), static_cast<std::size_t>(size)});
            if (!answer.empty())
                sendto(socket_, answer.data(), answer.size(), 0, reinterpret_cast<const sockaddr*>(&from),
                       length);
        }
    }

    void serveStream() const {
        const int peer = accept(stream_, nullptr, nullptr);
        std::array<char, 2000> query{};
        const auto size = recv(peer, query.data(), query.size(), 0);
        if (size > 19) {
            const auto answer =
                answerTo(std::string_view(query.data(), static_cast<std::size_t>(size)).substr(2), true);
            const auto whole = std::string(1, '\0') + static_cast<char>(answer.size()) + answer;
            send(peer, whole.data(), whole.size(), 0);
        }
        close(peer);
    }

    int socket_, stream_ = -1;
    std::atomic<bool> stopping_ = false;
    std::thread thread_;
};

dns::Question question(const char* name, dns::Type type) {
    return {*base::DomainName::parse(name), type};
}

base::Tick soon(std::chrono::milliseconds duration) {
    return std::chrono::steady_clock::now() + duration;
}

Awaitable<void> askAll(Resolver* resolver, std::atomic<int>* done) {
    struct Row {
        const char* name;
        dns::Type type;
        dns::Status want;
    };
    const Row rows[] = {
        {"found.example", dns::Type::a, dns::Status::found},
        {"found.example", dns::Type::aaaa, dns::Status::found},
        {"found.example", dns::Type::mx, dns::Status::found},
        {"found.example", dns::Type::txt, dns::Status::found},
        {"found.example", dns::Type::ptr, dns::Status::found},
        {"found.example", dns::Type::tlsa, dns::Status::noData},
        {"nodata.example", dns::Type::a, dns::Status::noData},
        {"nx.example", dns::Type::mx, dns::Status::noDomain},
        {"servfail.example", dns::Type::mx, dns::Status::failed},
        {"refused.example", dns::Type::a, dns::Status::failed},
        {"truncated.example", dns::Type::mx, dns::Status::failed},
        {"truncated.example", dns::Type::txt, dns::Status::failed},
        {"truncated.example", dns::Type::tlsa, dns::Status::failed},
    };
    for (const auto& row : rows) {
        INFO(row.name << ' ' << dns::toText(row.type));
        const auto answer = co_await resolver->ask(question(row.name, row.type), soon(10s));
        INFO(answer.why);
        CHECK(answer.status == row.want);
        CHECK(answer.dnssec != record::DnssecStatus::secure);
        CHECK(answer.why.empty() == (row.want != dns::Status::failed));
    }
    // An address of a wrong length is refused by us, or removed before by a newer libunbound: never found.
    const auto cut = co_await resolver->ask(question("truncated.example", dns::Type::a), soon(10s));
    CHECK(cut.status != dns::Status::found);
    const std::vector questions{question("nx.example", dns::Type::a),
                                question("found.example", dns::Type::a)};
    const auto both = co_await resolver->askAll(questions, soon(10s));
    REQUIRE(both.size() == 2);
    CHECK(both[0].status == dns::Status::noDomain);
    REQUIRE(both[1].all<base::IpAddress>().size() == 1);
    CHECK(both[1].all<base::IpAddress>()[0].toText() == "127.0.0.2");
    ++*done;
}

Awaitable<void> askInVain(Resolver* resolver, const char* name, std::atomic<int>* done) {
    const auto begun = std::chrono::steady_clock::now();
    const auto answer = co_await resolver->ask(question(name, dns::Type::mx), begun + 300ms);
    CHECK(answer.status == dns::Status::failed);
    CHECK(!answer.why.empty());
    CHECK(std::chrono::steady_clock::now() - begun < 3s);
    ++*done;
}

/// However many are asked at once, all are answered, and what was answered in time is kept.
Awaitable<void> askAllUntilShutdown(Resolver* resolver, std::atomic<int>* done) {
    const auto answers = co_await resolver->askAll({question("silent.example", dns::Type::mx),
                                                    question("found.example", dns::Type::a),
                                                    question("silent.example", dns::Type::a)},
                                                   soon(1h));
    REQUIRE(answers.size() == 3);
    CHECK(answers[0].status == dns::Status::failed);
    CHECK(answers[1].status == dns::Status::found);
    CHECK(answers[2].status == dns::Status::failed);
    const auto none = co_await resolver->askAll({}, soon(1h));
    CHECK(none.empty());
    ++*done;
}

Awaitable<void> askUntilShutdown(Resolver* resolver, std::atomic<int>* done) {
    const auto answer = co_await resolver->ask(question("silent.example", dns::Type::mx), soon(1h));
    CHECK(answer.status == dns::Status::failed);
    ++*done;
}

}  // namespace

TEST_CASE("rule 1: from any core: found, no data, no such name, and could not ask") {
    NameServer server;
    task::Cores cores(2, {});
    auto resolver = Resolver::make({.servers = {server.at}, .validate = Validation::off}, cores[0]);
    REQUIRE(resolver);
    cores.start();
    std::atomic<int> done = 0;
    for (unsigned i = 0; i < 10; ++i)
        task::spawn(cores[i % 2], askAll(resolver->get(), &done), "ask");
    while (done < 10 && cores[0].tasks.counters().failed + cores[1].tasks.counters().failed == 0)
        std::this_thread::sleep_for(10ms);
    CHECK(done == 10);
    cores.cancelAll();
    CHECK(cores.waitUntilEmpty(10s));
    cores.stop();
}

namespace {

Awaitable<void> askProven(Resolver* resolver, bool isBelieved, std::atomic<int>* done) {
    for (const auto* name : {"proven.example", "cut.example"}) {
        const auto answer = co_await resolver->ask(question(name, dns::Type::a), soon(10s));
        INFO(std::string(name) << answer.why);
        CHECK(answer.status == dns::Status::found);
        CHECK((answer.dnssec == record::DnssecStatus::secure) == isBelieved);
    }
    ++*done;
}

}  // namespace

TEST_CASE("rule 17: the AD bit counts only where the configuration trusts this machine's resolver") {
    NameServer server;
    task::Cores cores(2, {});
    auto trusting = Resolver::make({.servers = {server.at}, .validate = Validation::resolver}, cores[0]);
    auto careful = Resolver::make({.servers = {server.at}, .validate = Validation::off}, cores[1]);
    REQUIRE(trusting);
    REQUIRE(careful);
    cores.start();
    std::atomic<int> done = 0;
    task::spawn(cores[1], askProven(trusting->get(), true, &done), "ask");
    task::spawn(cores[0], askProven(careful->get(), false, &done), "ask");
    task::spawn(cores[0], askAll(trusting->get(), &done), "ask");
    task::spawn(cores[0], askInVain(trusting->get(), "silent.example", &done), "ask");
    task::spawn(cores[0], askInVain(trusting->get(), "garbage.example", &done), "ask");
    task::spawn(cores[0], askUntilShutdown(trusting->get(), &done), "ask");
    while (done < 5 && cores[0].tasks.counters().failed + cores[1].tasks.counters().failed == 0)
        std::this_thread::sleep_for(10ms);
    CHECK(done == 5);
    cores.cancelAll();
    CHECK(cores.waitUntilEmpty(10s));
    CHECK(done == 6);
    cores.stop();
}

TEST_CASE("rule 48: a name server that says nothing, or nonsense, or is not there ends at the deadline") {
    NameServer server;
    task::Cores cores(2, {});
    auto resolver = Resolver::make({.servers = {server.at}, .validate = Validation::off}, cores[0]);
    auto nowhere = Resolver::make(
        {.servers = {{*base::IpAddress::parse("127.0.0.1"), 9}}, .validate = Validation::off}, cores[1]);
    REQUIRE(resolver);
    REQUIRE(nowhere);
    cores.start();
    std::atomic<int> done = 0;
    task::spawn(cores[1], askAllUntilShutdown(resolver->get(), &done), "ask");
    for (unsigned i = 0; i < 20; ++i) {
        task::spawn(cores[i % 2], askInVain(resolver->get(), "silent.example", &done), "ask");
        task::spawn(cores[i % 2], askInVain(resolver->get(), "garbage.example", &done), "ask");
        task::spawn(cores[i % 2], askInVain(nowhere->get(), "found.example", &done), "ask");
        task::spawn(cores[i % 2], askUntilShutdown(resolver->get(), &done), "ask");
    }
    while (done < 60)
        std::this_thread::sleep_for(10ms);
    CHECK(done == 60);
    cores.cancelAll();
    CHECK(cores.waitUntilEmpty(10s));
    CHECK(done == 81);
    cores.stop();
}

TEST_CASE("a resolver that is replaced answers what was asked of it") {
    NameServer server;
    task::Cores cores(1, {});
    auto resolver = Resolver::make({.servers = {server.at}, .validate = Validation::off}, cores[0]);
    REQUIRE(resolver);
    cores.start();
    std::atomic<int> done = 0;
    task::spawn(cores[0], askUntilShutdown(resolver->get(), &done), "ask");
    std::this_thread::sleep_for(100ms);
    resolver->reset();
    CHECK(cores.waitUntilEmpty(10s));
    CHECK(done == 1);
    cores.stop();
}

TEST_CASE("a trust anchor that can't be read is said at once") {
    task::Core core(0, {});
    const auto resolver =
        Resolver::make({.validate = Validation::self, .trustAnchor = "/nowhere/root.key"}, core);
    REQUIRE(!resolver);
    CHECK(base::toText(resolver.error()).find("/nowhere/root.key") != std::string::npos);
}
