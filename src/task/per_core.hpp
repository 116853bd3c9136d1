// A value for each core, touched on its core's thread alone once the cores run. Whoever makes it outlives the
// cores, since what is posted to them refers to it.
#pragma once

#include "task/cores.hpp"

#include <boost/asio/post.hpp>

#include <cstddef>
#include <memory>
#include <vector>

namespace postseal::task {

template <class T>
class PerCore {
public:
    /// `make(core)` gives the core's T.
    template <class Make>
    PerCore(Cores& cores, const Make& make) : cores_(cores) {
        for (std::size_t i = 0; i < cores.size(); ++i)
            all_.push_back(make(cores[i]));
    }

    std::size_t size() const { return all_.size(); }
    /// While the cores do not run yet, or on that core.
    T& on(std::size_t core) const { return *all_.at(core); }
    /// From any thread: `work(T&)` runs on each core, soon, in the order of such calls.
    template <class Work>
    void forEach(const Work& work) const {
        for (std::size_t i = 0; i < all_.size(); ++i)
            asio::post(cores_[i].context, [&mine = *all_[i], work] { work(mine); });
    }

private:
    Cores& cores_;
    std::vector<std::unique_ptr<T>> all_;
};

}  // namespace postseal::task
