#include "net/resolver.hpp"

#include "base/text_file.hpp"
#include "net/stub_resolver.hpp"
#include "net/trust_anchor.hpp"
#include "task/cores.hpp"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <fmt/format.h>
#include <unbound.h>

#include <cerrno>
#include <deque>
#include <fstream>
#include <iterator>
#include <list>
#include <optional>
#include <string>
#include <utility>

namespace postseal::net {
namespace {

namespace asio = boost::asio;

constexpr int internet = 1;  // the class IN

struct FreeContext {
    void operator()(ub_ctx* context) const { ub_ctx_delete(context); }
};
using Context = std::unique_ptr<ub_ctx, FreeContext>;

base::Error wrong(std::string what, int code) {
    return {{}, base::Phase::resolve, fmt::format("{}: {}", what, ub_strerror(code))};
}

struct Option {
    const char* name;
    const char* value;
};

constexpr Option options[] = {
    {"do-not-query-localhost:", "no"},  // a resolver of this machine is a good one
    {"cache-max-ttl:", "86400"},
    {"cache-max-negative-ttl:", "900"},
    {"edns-buffer-size:", "1232"},
};

/// What each cache has of all their memory.
struct Share {
    const char* name;
    std::uint64_t part;  // 1/part
};
constexpr Share cacheShares[] = {
    {"rrset-cache-size:", 2}, {"msg-cache-size:", 4}, {"key-cache-size:", 8}, {"neg-cache-size:", 16}};

/// Without any, libunbound would validate nothing and say so nowhere.
base::Result<void> addAnchors(ub_ctx* unbound, const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file)
        return base::fail(
            base::Error{std::error_code(errno, std::generic_category()), base::Phase::resolve,
                        fmt::format("{}, the trust anchor of DNSSEC ([dns] trust_anchor; Debian's "
                                    "is in the package dns-root-data)",
                                    path)});
    const std::string text(std::istreambuf_iterator<char>(file), {});
    const auto anchors = parseTrustAnchors(base::withoutByteOrderMark(text));
    if (!anchors) return base::fail(base::Error{{}, base::Phase::resolve, path + " " + anchors.error()});
    for (const auto& anchor : *anchors)
        if (const int error = ub_ctx_add_ta(unbound, anchor.c_str()))
            return base::fail(wrong("trust anchor " + path, error));
    return {};
}

dns::Reply replyOf(const ub_result& result) {
    dns::Reply reply{.rcode = result.rcode,
                     .hasData = result.havedata != 0,
                     .noDomain = result.nxdomain != 0,
                     .secure = result.secure != 0,
                     .bogus = result.bogus != 0,
                     .ttl = std::chrono::seconds(result.ttl)};
    if (result.why_bogus) reply.whyBogus = result.why_bogus;
    if (result.canonname) reply.canonicalName = result.canonname;
    for (std::size_t i = 0; result.data && result.data[i]; ++i)
        reply.rdata.push_back(
            std::as_bytes(std::span(result.data[i], static_cast<std::size_t>(result.len[i]))));
    return reply;
}

}  // namespace

/// All of it on the home core's thread.
struct Resolver::State : std::enable_shared_from_this<State> {
    struct Query {
        Query(State& itsState, dns::Question itsQuestion, task::Completion<dns::Answer>& asker)
            : state(itsState), question(std::move(itsQuestion)), done(asker),
              deadline(itsState.home.wheel, [](void* self) { static_cast<Query*>(self)->expire(); }, this) {}

        void expire() {
            ub_cancel(state.context.get(), id);
            end(dns::failed("the name servers did not answer in time"));
        }
        /// `this` is gone afterwards.
        void end(dns::Answer answer) {
            done.complete(std::move(answer));
            state.queries.erase(self);
        }

        State& state;
        dns::Question question;
        task::Completion<dns::Answer>& done;
        int id = 0;
        std::list<Query>::iterator self{};
        task::Deadline deadline;
    };

    State(task::Core& core, Context made) : home(core), context(std::move(made)), readable(core.context) {}
    State(task::Core& core, std::vector<Endpoint> servers)
        : home(core), readable(core.context), trusted(std::in_place, std::move(servers), core) {}
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() {
        if (readable.is_open()) readable.release();  // libunbound closes it
    }

    void begin(dns::Question question, base::Tick deadline, task::Completion<dns::Answer>& done);
    void end();
    static void answered(void* query, int error, ub_result* result);
    static task::Awaitable<void> askTrusted(std::shared_ptr<State> state, dns::Question question,
                                            base::Tick deadline, task::Completion<dns::Answer>* done);
    static task::Awaitable<void> serve(std::shared_ptr<State> state);

    task::Core& home;
    Context context;
    asio::posix::stream_descriptor readable;
    std::optional<StubResolver> trusted;  // in place of libunbound, which does not pass its servers' word on
    std::list<Query> queries;
    bool ended = false;
};

void Resolver::State::begin(dns::Question question, base::Tick deadline,
                            task::Completion<dns::Answer>& done) {
    if (ended) return done.complete(dns::failed("this server is shutting down"));
    if (trusted)
        return task::spawn(home, askTrusted(shared_from_this(), std::move(question), deadline, &done),
                           "question");
    auto& query = queries.emplace_back(*this, std::move(question), done);
    query.self = std::prev(queries.end());
    const int error =
        ub_resolve_async(context.get(), query.question.name.text().c_str(),
                         static_cast<int>(query.question.type), internet, &query, answered, &query.id);
    if (error != 0) return query.end(dns::failed(fmt::format("the resolver failed: {}", ub_strerror(error))));
    query.deadline.armAt(deadline);
}

/// Whoever waits must be told, whatever happens here.
task::Awaitable<void> Resolver::State::askTrusted(std::shared_ptr<State> state, dns::Question question,
                                                  base::Tick deadline, task::Completion<dns::Answer>* done) {
    auto answer = dns::failed("the resolver failed");
    try {
        answer = co_await state->trusted->ask(std::move(question), deadline);
    } catch (const std::exception& exception) {
        answer.why += std::string(": ") + exception.what();
    }
    done->complete(std::move(answer));
}

/// libunbound's callback, within ub_process.
void Resolver::State::answered(void* subject, int error, ub_result* result) {
    auto& query = *static_cast<Query*>(subject);
    auto answer = error != 0 || !result
                      ? dns::failed(fmt::format("the resolver failed: {}", ub_strerror(error)))
                      : dns::readReply(query.question, replyOf(*result));
    ub_resolve_free(result);
    query.end(std::move(answer));
}

void Resolver::State::end() {
    ended = true;
    while (!queries.empty()) {
        auto& query = queries.front();
        ub_cancel(context.get(), query.id);
        query.end(dns::failed("this server is shutting down"));
    }
    if (readable.is_open()) readable.release();  // ends serve()
}

task::Awaitable<void> Resolver::State::serve(std::shared_ptr<State> state) {
    while (!state->ended && !co_await task::isCancelled()) {
        const auto [stopped] =
            co_await state->readable.async_wait(asio::posix::descriptor_base::wait_read, task::asTuple);
        if (stopped) break;
        ub_process(state->context.get());
    }
    if (!state->ended) state->end();
}

base::Result<std::unique_ptr<Resolver>> Resolver::make(const ResolverSettings& settings, task::Core& home) {
    if (settings.validate == Validation::resolver)
        return std::unique_ptr<Resolver>(new Resolver(std::make_shared<State>(home, settings.servers)));
    Context context(ub_ctx_create());
    if (!context)
        return base::fail(
            base::Error{std::make_error_code(std::errc::not_enough_memory), base::Phase::resolve, {}});
    auto* unbound = context.get();
    ub_ctx_debugout(unbound, nullptr);  // what goes wrong is in the answers
    for (const auto& [name, value] : options)
        if (const int error = ub_ctx_set_option(unbound, name, value)) return base::fail(wrong(name, error));
    for (const auto& [name, part] : cacheShares)
        if (const int error =
                ub_ctx_set_option(unbound, name, std::to_string(settings.cacheBytes / part).c_str()))
            return base::fail(wrong(name, error));

    if (settings.validate == Validation::self) {
        if (const auto added = addAnchors(unbound, settings.trustAnchor); !added)
            return base::fail(added.error());
    } else if (const int error = ub_ctx_set_option(unbound, "module-config:", "iterator")) {
        return base::fail(wrong("module-config", error));
    }
    for (const auto& server : settings.servers) {
        const auto text = fmt::format("{}@{}", server.address.toText(), server.port);
        if (const int error = ub_ctx_set_fwd(unbound, text.c_str()))
            return base::fail(wrong("server " + text, error));
    }
    if (settings.servers.empty())
        if (const int error = ub_ctx_resolvconf(unbound, nullptr))
            return base::fail(wrong("/etc/resolv.conf", error));

    ub_ctx_async(unbound, 1);
    // Only the first question reads the trust anchor; this one is answered without asking anyone.
    int id = 0;
    const auto ignore = [](void*, int, ub_result* result) { ub_resolve_free(result); };
    if (const int error = ub_resolve_async(unbound, "localhost.", 1, internet, nullptr, ignore, &id))
        return base::fail(wrong("trust anchor " + settings.trustAnchor, error));

    auto state = std::make_shared<State>(home, std::move(context));
    state->readable.assign(ub_fd(unbound));
    task::spawn(home, State::serve(state), "resolver");
    return std::unique_ptr<Resolver>(new Resolver(std::move(state)));
}

Resolver::Resolver(std::shared_ptr<State> state) : state_(std::move(state)) {}

Resolver::~Resolver() {
    asio::post(state_->home.context, [state = state_] {
        if (!state->ended) state->end();
    });
}

void Resolver::submit(dns::Question question, base::Tick deadline, task::Completion<dns::Answer>& done) {
    asio::dispatch(state_->home.context,
                   [state = state_, question = std::move(question), deadline, &done]() mutable {
                       state->begin(std::move(question), deadline, done);
                   });
}

task::Awaitable<dns::Answer> Resolver::ask(dns::Question question, base::Tick deadline) {
    const auto executor = co_await asio::this_coro::executor;
    task::Completion<dns::Answer> done(executor);
    submit(std::move(question), deadline, done);
    co_return co_await done.wait();
}

task::Awaitable<std::vector<dns::Answer>> Resolver::askAll(std::vector<dns::Question> questions,
                                                           base::Tick deadline) {
    const auto executor = co_await asio::this_coro::executor;
    std::deque<task::Completion<dns::Answer>> all;  // they stay where they are
    for (auto& question : questions)
        submit(std::move(question), deadline, all.emplace_back(executor));
    std::vector<dns::Answer> answers;
    answers.reserve(all.size());
    for (auto& one : all)
        answers.push_back(co_await one.wait());
    co_return answers;
}

}  // namespace postseal::net
