#include "task/spawn.hpp"

#include "task/cores.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>

#include <fmt/format.h>

#include <exception>
#include <memory>

namespace postseal::task {

struct Group::Task {
    Task(Group& owner, std::string_view what) : group(owner), name(what) {}
    Task(const Task&) = delete;
    Task& operator=(const Task&) = delete;
    ~Task() {
        if (linked) {
            (before ? before->after : group.first_) = after;
            if (after) after->before = before;
        }
        group.ended();
    }

    void link() {
        after = group.first_;
        if (after) after->before = this;
        group.first_ = this;
        linked = true;
    }

    Group& group;
    std::string_view name;
    asio::cancellation_signal signal;
    Task* before = nullptr;
    Task* after = nullptr;
    bool linked = false;
};

void Group::ended() {
    if (running_.fetch_sub(1) > 1) return;
    const std::lock_guard lock(mutex_);
    empty_.notify_all();
}

Group::Counters Group::counters() const {
    return {started_.load(), failed_.load(), running_.load()};
}

void Group::cancelAll() {
    cancelled_ = true;
    for (auto* task = first_; task;) {
        auto* next = task->after;  // emit only posts: no task ends meanwhile
        task->signal.emit(asio::cancellation_type::terminal);
        task = next;
    }
}

bool Group::waitUntilEmpty(std::chrono::milliseconds limit) {
    std::unique_lock lock(mutex_);
    return empty_.wait_for(lock, limit, [this] { return running_.load() == 0; });
}

Awaitable<void> Group::run(Task& task, Awaitable<void> work) {
    // Without it the first wait after a cancellation throws, and no 421 would leave.
    co_await asio::this_coro::throw_if_cancelled(false);
    task.link();
    if (task.group.cancelled_) task.signal.emit(asio::cancellation_type::terminal);
    std::string_view escaped;
    std::string words;
    try {
        co_await std::move(work);
    } catch (const std::exception& exception) {
        words = exception.what();
        escaped = words;
    } catch (...) {
        escaped = "an exception of unknown type";
    }
    if (escaped.empty()) co_return;
    ++task.group.failed_;
    task.group.log_.error(fmt::format("internal error in {}: {}", task.name, escaped));
}

void spawn(Core& core, Awaitable<void> work, std::string_view name) {
    auto& group = core.tasks;
    ++group.started_;
    ++group.running_;
    // Owned by the completion handler: the signal outlives every frame that it may cancel.
    auto owned = std::make_unique<Group::Task>(group, name);
    auto& task = *owned;
    asio::co_spawn(core.context, Group::run(task, std::move(work)),
                   asio::bind_cancellation_slot(task.signal.slot(),
                                                [owned = std::move(owned)](const std::exception_ptr&) {}));
}

void spawn(const Executor& executor, Awaitable<void> work, std::string_view name) {
    spawn(coreOf(executor), std::move(work), name);
}

}  // namespace postseal::task
