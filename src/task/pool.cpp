#include "task/pool.hpp"

#include <pthread.h>

namespace postseal::task {

Pool::Pool(unsigned threads) {
    for (unsigned i = 0; i < threads; ++i)
        threads_.emplace_back([this] { serve(); });
}

Pool::~Pool() {
    stop();
}

void Pool::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    for (auto& thread : threads_)
        thread.join();
    threads_.clear();
}

void Pool::add(Job& job) {
    {
        const std::lock_guard lock(mutex_);
        (last_ ? last_->next : first_) = &job;
        last_ = &job;
    }
    changed_.notify_one();
}

void Pool::serve() {
    pthread_setname_np(pthread_self(), "pool");
    std::unique_lock lock(mutex_);
    while (true) {
        changed_.wait(lock, [this] { return stopping_ || first_; });
        if (!first_) return;
        auto* job = first_;
        first_ = job->next;
        if (!first_) last_ = nullptr;
        lock.unlock();
        job->call(*job);  // gone when this returns
        lock.lock();
    }
}

}  // namespace postseal::task
