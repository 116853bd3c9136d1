// For tests: the delivering half of a server, with a store of its own and a DNS of few words.
#pragma once

#include "deliver/dispatcher.hpp"
#include "ledger/search.hpp"
#include "ledger/write.hpp"
#include "queue/look.hpp"
#include "store/key.hpp"
#include "store/open.hpp"
#include "store/temp_dir_test.hpp"
#include "task/clock.hpp"
#include "tls/trust.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace postseal::deliver::test {

using namespace std::chrono_literals;

/// What DNS says: the MX hosts of every domain in their order, each with its address (empty: it has none).
struct Dns {
    std::vector<std::pair<std::string, std::string>> hosts = {};
    std::uint16_t port = 25;
    std::string missing = {};  // a domain that does not exist, as an unsigned answer says

    dns::Answer answer(const dns::Question& question) const {
        dns::Answer answer{.status = dns::Status::noData};
        if (!missing.empty() && question.name == *base::DomainName::parse(missing)) {
            answer.status = dns::Status::noDomain;
            return answer;
        }
        std::vector<dns::Mx> records;
        for (const auto& [host, address] : hosts) {
            const auto name = *base::DomainName::parse(host);
            records.push_back({static_cast<std::uint16_t>(records.size()), name});
            if (question.type != dns::Type::a || question.name != name || address.empty()) continue;
            answer.status = dns::Status::found;
            answer.records = std::vector{*base::IpAddress::parse(address)};
        }
        if (question.type != dns::Type::mx) return answer;
        answer.status = dns::Status::found;
        answer.records = records;
        return answer;
    }
};

/// What the server says in its log is the event that tests wait for: it speaks of what is in the store by
/// then.
class Events {
public:
    Events() {
        int ends[2] = {-1, -1};
        REQUIRE(pipe2(ends, O_NONBLOCK | O_CLOEXEC) == 0);
        read_ = ends[0];
        write_ = ends[1];
        log::SinkSettings settings;
        settings.descriptor = write_;
        sink_ = std::make_unique<log::Sink>(settings);
    }
    ~Events() {
        sink_.reset();
        close(read_);
        close(write_);
    }
    Events(const Events&) = delete;
    Events& operator=(const Events&) = delete;

    log::Log log() { return {*sink_, "smtp"}; }

    /// For 20 seconds at most.
    bool until(const std::function<bool()>& event) const {
        const auto end = std::chrono::steady_clock::now() + 20s;
        while (!event()) {
            const auto left =
                std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
            pollfd line{.fd = read_, .events = POLLIN, .revents = 0};
            if (left <= 0ms || poll(&line, 1, static_cast<int>(left.count())) <= 0) return event();
            char lines[4096];
            while (read(read_, lines, sizeof lines) > 0) {
            }
        }
        return true;
    }

private:
    int read_ = -1, write_ = -1;
    std::unique_ptr<log::Sink> sink_;
};

/// The delivering half of a server: a store, a core, dispatchers, and a policy map.
class House {
public:
    explicit House(std::string_view policyMap = {}, queue::RetrySettings retry = {}, const Dns& dns = {},
                   ReportLimits reports = {}) {
        const auto noAnchors = [](const std::string&) -> base::Result<record::Anchors, std::string> {
            return base::fail(std::string("no files here"));
        };
        auto map = policy::Map::parse(policyMap, "tls_policy", noAnchors);
        REQUIRE(map.has_value());
        discover::DestinationSettings policy;
        policy.map = std::make_shared<const policy::Map>(std::move(*map));
        policy.route.allowed.push_back(*base::Network::parse("127.0.0.0/8"));
        policy.route.port = dns.port;
        const auto ask =
            [dns](std::vector<dns::Question> questions) -> task::Awaitable<std::vector<dns::Answer>> {
            std::vector<dns::Answer> answers;
            answers.reserve(questions.size());
            for (const auto& question : questions)
                answers.push_back(dns.hosts.empty() ? dns::failed("there is no DNS here")
                                                    : dns.answer(question));
            co_return answers;
        };
        destinations_ = std::make_unique<discover::Destinations>(
            discover::DestinationSources{.ask = ask},
            std::make_shared<const discover::DestinationSettings>(std::move(policy)));
        smtp::ClientSettings client;
        client.heloName = "mx.example.org";
        dialer_ = std::make_unique<net::SmtpDialer>(
            net::SmtpDialerSettings{.client = std::make_shared<const smtp::ClientSettings>(client)},
            *tls::TrustStore::load("", ""));

        auto services = std::make_unique<DeliveryServices>(
            DeliveryServices{.writer = writer,
                             .bodies = bodies_,
                             .ids = ids_,
                             .destinations = *destinations_,
                             .dialer = *dialer_,
                             .reportRates = reportRates_,
                             .log = events_.log(),
                             .settings = {},
                             .directory = std::make_shared<directory::Directory>()});
        Settings settings{.hostname = "mx.example.org", .retry = retry, .reports = reports};
        settings.idle = 2s;
        settings.waitingLeases = 20;
        services->settings = std::make_shared<const Settings>(settings);
        std::vector<std::unique_ptr<DeliveryServices>> all;
        all.push_back(std::move(services));
        dispatchers = std::make_unique<Dispatchers>(cores_, std::move(all));
        dispatchers->start();
        cores_.start();
    }
    ~House() {
        stop();
        cores_.stop();
    }
    House(const House&) = delete;
    House& operator=(const House&) = delete;

    /// As at SIGTERM; what is in the store can still be looked at.
    void stop() {
        cores_.cancelAll();
        CHECK(cores_.waitUntilEmpty(30s));
    }
    /// `sender` may be empty; recipients all go to `nextHop`.
    queue::NewMessage message(std::string_view sender, const std::vector<std::string>& recipients,
                              const std::string& nextHop, std::chrono::hours age = 0h) {
        const auto now = task::timeNow();
        queue::NewMessage message;
        message.kept.id = ids_.next(now);
        if (!sender.empty()) message.kept.sender = *record::Mailbox::parse(sender);
        message.kept.messageId = "<1@example.com>";
        message.kept.arrived = now - age;
        message.kept.prefix = "Received: from a by b; today\r\n";
        message.kept.body = queue::Body::inMemory("Subject: hello\r\n\r\n.dot\r\n");
        for (const auto& recipient : recipients)
            message.recipients.push_back(
                {*record::Mailbox::parse(recipient), record::Route::parse(nextHop).value()});
        return message;
    }
    void send(const queue::NewMessage& message) {
        store::Batch batch;
        auto leases = queue::put(batch, message);
        REQUIRE(writer.commitBlocking(std::move(batch)).has_value());
        dispatchers->handOver(std::move(leases));
    }
    queue::Balance balance() {
        return *readers_.read<queue::Balance>([](store::Engine& engine) { return queue::balance(engine); });
    }
    std::vector<queue::Listed> listed() {
        return *readers_.read<std::vector<queue::Listed>>(
            [](store::Engine& engine) { return queue::list(engine, {}, 100); });
    }
    /// Of a message in the queue, but for our own header fields.
    std::string text(const record::QueueId& id) {
        static constexpr store::Statement body{"SELECT body FROM messages WHERE id = ?1"};
        return *readers_.read<std::string>([&](store::Engine& engine) -> base::Result<std::string> {
            std::string text;
            const auto read = store::query(engine, body, {store::toKey(id)},
                                           [&](const store::Row& row) { text = row.text(0); });
            if (!read) return base::fail(read.error());
            return text;
        });
    }
    std::vector<record::HopRecord> hops(const record::QueueId& id) {
        using Found = std::vector<ledger::TransportRecord>;
        auto found =
            *readers_.read<Found>([&](store::Engine& engine) { return ledger::find(engine, id.text()); });
        return found.empty() ? std::vector<record::HopRecord>() : found.front().hops;
    }
    /// Why the only recipient did not get it.
    std::string fate(const record::QueueId& id) {
        using Found = std::vector<ledger::TransportRecord>;
        auto found =
            *readers_.read<Found>([&](store::Engine& engine) { return ledger::find(engine, id.text()); });
        return found.at(0).recipients.at(0).reason;
    }
    bool until(const std::function<bool()>& event) const { return events_.until(event); }
    bool untilTried(const record::QueueId& id) {
        return until([&] { return !hops(id).empty(); });
    }

private:
    Events events_;
    task::Cores cores_{1, {}};  // outlives the threads that complete work on it
    store::TempDir dir_;
    store::Readers readers_{store::readersOf(dir_.path())};
    task::Pool pool_{2};
    queue::Bodies bodies_{{.dataDir = dir_.path()}, pool_, readers_};
    queue::IdMaker ids_;

public:
    store::Writer writer{store::writerOf(dir_.path(), {queue::schema, ledger::schema}),
                         {.dataDir = dir_.path()}};

private:
    std::unique_ptr<discover::Destinations> destinations_;
    std::unique_ptr<net::SmtpDialer> dialer_;
    ReportRates reportRates_;

public:
    std::unique_ptr<Dispatchers> dispatchers;
};

}  // namespace postseal::deliver::test
