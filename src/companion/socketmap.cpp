#include "companion/socketmap.hpp"

#include "base/ascii.hpp"
#include "companion/netstring.hpp"
#include "companion/postfix_policy.hpp"
#include "task/clock.hpp"
#include "task/event.hpp"
#include "task/spawn.hpp"

#include <memory>
#include <optional>
#include <utility>

namespace postseal::companion {
namespace {

/// The maps that may be asked for; the second and third are named as postfix-tlspol names its own.
std::optional<Attributes> mapNamed(std::string_view name) {
    if (base::sameWord(name, "postseal") || base::sameWord(name, "QUERY")) return Attributes::no;
    if (base::sameWord(name, "QUERYwithTLSRPT")) return Attributes::tlsrpt;
    return std::nullopt;
}

/// What is looked up while the client waits; it goes on, for the next time, when the client must not wait any
/// longer.
struct Search {
    explicit Search(const task::Executor& executor) : done(executor) {}
    std::shared_ptr<const discover::Destination> found;
    task::Event done;
};

task::Awaitable<void> search(SocketmapServices* services, record::NextHop nextHop,
                             std::shared_ptr<Search> search) {
    discover::Query query{.nextHop = std::move(nextHop)};
    search->found = co_await services->destinations.find(std::move(query));
    search->done.set();
}

task::Awaitable<MapReply> policyOf(SocketmapServices& services, record::NextHop nextHop,
                                   Attributes attributes) {
    const auto executor = co_await task::asio::this_coro::executor;
    auto searched = std::make_shared<Search>(executor);
    task::spawn(executor, search(&services, nextHop, searched), "socketmap search");
    const auto woken = co_await searched->done.waitFor(SocketmapServices::patience);
    if (woken != task::Woken::set)
        co_return MapReply{MapReply::Kind::temporary,
                           "the lookups of " + hostText(nextHop) + " take too long"};

    const auto settings = services.destinations.settings();
    const auto& sts = searched->found->mtaSts;
    const Asked asked{.domain = hostText(nextHop),
                      .entry = settings->map ? settings->map->find(nextHop) : nullptr,
                      .sts = sts && sts->policy ? &*sts->policy : nullptr,
                      .daneIsOn = settings->dane,
                      .attributes = attributes,
                      .anchorFolder = services.anchorFolder};
    co_return policyFor(*searched->found, asked);
}

std::string toText(MapReply::Kind kind, std::string why) {
    return toText(MapReply{kind, std::move(why)});
}

class Session {
public:
    Session(SocketmapServices& services, net::Connection connection)
        : services_(services), connection_(std::move(connection)),
          requests_(SocketmapServices::longestRequest) {
        ++services_.sessions;
    }
    ~Session() { --services_.sessions; }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    task::Awaitable<void> run();

private:
    task::Awaitable<bool> answerAll();

    SocketmapServices& services_;
    net::Connection connection_;
    NetstringReader requests_;
};

task::Awaitable<void> Session::run() {
    while (true) {
        connection_.setDeadline(connection_.now() + SocketmapServices::idle);
        const auto bytes = co_await connection_.read();
        if (!bytes || bytes->empty()) co_return;
        requests_.append(*bytes);
        if (!co_await answerAll()) co_return;
    }
}

/// False: the client is no socketmap client, or has gone.
task::Awaitable<bool> Session::answerAll() {
    while (true) {
        auto request = requests_.next();
        if (!request) {
            services_.log.warning(log::Line().text("socketmap client " + toText(connection_.peer()) +
                                                   " sent what is no request: " + request.error()));
            co_return false;
        }
        if (!*request) co_return true;
        const auto reply = toNetstring(co_await answer(services_, std::move(**request), connection_.peer()));
        connection_.setDeadline(connection_.now() + SocketmapServices::write);
        if (const auto written = co_await connection_.write(reply); !written) co_return false;
    }
}

}  // namespace

task::Awaitable<std::string> answer(SocketmapServices& services, std::string request, net::Endpoint client) {
    const auto space = request.find(' ');
    const auto map = mapNamed(std::string_view(request).substr(0, space));
    if (!map || space == request.npos)
        co_return toText(MapReply::Kind::permanent, "no such map; ask for postseal or QUERYwithTLSRPT");
    const auto key = request.substr(space + 1);
    if (key.starts_with('.'))
        co_return toText(MapReply());  // a parent: whoever asks for it has asked for the domain
    const auto nextHop = record::NextHop::parse(key);
    if (!nextHop) co_return toText(MapReply::Kind::permanent, nextHop.error());

    const auto reply = co_await policyOf(services, *nextHop, *map);
    auto text = toText(reply);
    services.questions.add(toText(*nextHop), reply, task::timeNow());
    services.log.info(log::Line("NOQUEUE")
                          .field("nexthop", toText(*nextHop))
                          .field("client", toText(client))
                          .field("policy", wordOf(reply))
                          .note(text));
    co_return text;
}

task::Awaitable<void> serve(SocketmapServices* services, net::Connection connection) {
    if (services->sessions >= SocketmapServices::mostSessions) co_return;  // Postfix asks again
    Session session(*services, std::move(connection));
    co_await session.run();
}

}  // namespace postseal::companion
