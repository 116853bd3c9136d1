// A few threads for work that blocks: files, directories, passwords. `co_await pool.run(fn)` goes on, on its
// own core, with what `fn` gave or threw. The queue is made of the waiting coroutines themselves, so it is as
// long as there are coroutines and no longer. Once begun or queued, work is awaited to its end.
#pragma once

#include "task/completion.hpp"

#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace postseal::task {

class Pool {
public:
    explicit Pool(unsigned threads);
    ~Pool();
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;
    /// Does what is queued, then ends its threads. Before the coroutines that wait for it are destroyed, and
    /// when none can come any more.
    void stop();

    template <class F>
    Awaitable<std::invoke_result_t<F&>> run(F work) {
        using R = std::invoke_result_t<F&>;
        using Value = std::conditional_t<std::is_void_v<R>, std::monostate, R>;
        const auto executor = co_await asio::this_coro::executor;
        Completion<std::variant<std::monostate, Value, std::exception_ptr>> done(executor);
        auto job = makeJob([&work, &done] {
            std::variant<std::monostate, Value, std::exception_ptr> outcome;
            try {
                if constexpr (std::is_void_v<R>)
                    work();
                else
                    outcome.template emplace<Value>(work());
            } catch (...) {
                outcome = std::current_exception();
            }
            done.complete(std::move(outcome));  // the last touch: the frame may be gone after it
        });
        add(job);
        auto outcome = co_await done.wait();
        if (auto* thrown = std::get_if<std::exception_ptr>(&outcome)) std::rethrow_exception(*thrown);
        if constexpr (!std::is_void_v<R>) co_return std::get<Value>(std::move(outcome));
    }

private:
    struct Job {
        void (*call)(Job&);
        Job* next = nullptr;
    };
    template <class F>
    struct JobOf : Job {
        explicit JobOf(F f) : Job{[](Job& job) { static_cast<JobOf&>(job).work(); }}, work(std::move(f)) {}
        F work;
    };
    template <class F>
    static JobOf<F> makeJob(F work) {
        return JobOf<F>(std::move(work));
    }

    void add(Job& job);
    void serve();

    std::mutex mutex_;
    std::condition_variable changed_;
    Job* first_ = nullptr;
    Job* last_ = nullptr;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace postseal::task
