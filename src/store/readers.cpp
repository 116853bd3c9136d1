#include "store/readers.hpp"

namespace postseal::store {

base::Result<std::unique_ptr<Engine>> Readers::borrow() {
    {
        const std::scoped_lock lock(mutex_);
        if (!idle_.empty()) {
            auto engine = std::move(idle_.back());
            idle_.pop_back();
            return engine;
        }
    }
    return open_();
}

void Readers::giveBack(std::unique_ptr<Engine> engine) {
    const std::scoped_lock lock(mutex_);
    idle_.push_back(std::move(engine));
}

}  // namespace postseal::store
