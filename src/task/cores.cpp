#include "task/cores.hpp"

#include <boost/asio/post.hpp>

#include <csignal>
#include <exception>

#include <pthread.h>

namespace postseal::task {
namespace {

/// How an io_context knows its Core.
class CoreService : public asio::execution_context::service {
public:
    using key_type = CoreService;
    static inline asio::execution_context::id id;

    explicit CoreService(asio::execution_context& context) : service(context) {}

    Core* core = nullptr;

private:
    void shutdown() override {}
};

}  // namespace

Core::Core(unsigned number, log::Log log) : index(number), wheel(context), tasks(log), context(1) {
    asio::use_service<CoreService>(context).core = this;
    std::signal(SIGPIPE, SIG_IGN);  // a peer that has gone is an error of a write, not the end of the server
}

Core::~Core() {
    wheel.stop();
}

Core& coreOf(const Executor& executor) {
    return *asio::use_service<CoreService>(
                static_cast<asio::io_context&>(asio::query(executor, asio::execution::context)))
                .core;
}

Cores::Cores(unsigned count, log::Log log) : log_(log) {
    for (unsigned index = 0; index < count; ++index)
        cores_.push_back(std::make_unique<Core>(index, log));
}

Cores::~Cores() {
    stop();
}

void Cores::start() {
    for (const auto& core : cores_) {
        guards_.emplace_back(core->context.get_executor());
        threads_.emplace_back([this, &core = *core] { run(core); });
    }
}

void Cores::run(Core& core) {
    pthread_setname_np(pthread_self(), ("core-" + std::to_string(core.index)).c_str());
    while (true) {
        try {
            core.context.run();
            return;
        } catch (const std::exception& exception) {
            log_.error(log::Line().text("internal error on a core").text(exception.what()));
        }
    }
}

void Cores::cancelAll() {
    for (const auto& core : cores_)
        asio::post(core->context, [&core = *core] { core.tasks.cancelAll(); });
}

bool Cores::waitUntilEmpty(std::chrono::milliseconds limit) {
    const auto end = std::chrono::steady_clock::now() + limit;
    for (const auto& core : cores_) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        if (!core->tasks.waitUntilEmpty(std::max(left, std::chrono::milliseconds(0)))) return false;
    }
    return true;
}

void Cores::stop() {
    guards_.clear();
    for (const auto& core : cores_)
        core->context.stop();
    for (auto& thread : threads_)
        thread.join();
    threads_.clear();
}

}  // namespace postseal::task
