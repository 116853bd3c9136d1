// The server's residents in their order: each is opened, ticked and told of on its own, so that the trouble
// of one is nobody else's.
#pragma once

#include "app/resident.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace postseal::app {

class Residents {
public:
    explicit Residents(log::Log log) : log_(log) {}
    /// The last first, since each refers to earlier ones only.
    ~Residents();
    Residents(const Residents&) = delete;
    Residents& operator=(const Residents&) = delete;

    template <class T, class... Arguments>
    T& moveIn(Arguments&&... arguments) {
        auto made = std::make_unique<T>(std::forward<Arguments>(arguments)...);
        auto& resident = *made;
        all_.push_back({std::move(made)});
        return resident;
    }

    /// Opens those that are not open yet, ticks the others. What goes wrong is logged when it begins and when
    /// it is another trouble than before.
    void tick(const Now& now);
    void start();
    void adopt(const std::shared_ptr<const Loaded>& loaded);
    void adoptPolicy(const std::shared_ptr<const policy::Map>& map);
    void stop();
    /// The keys' names, separated by commas; empty: a reload is enough.
    std::string needsRestart(const config::Settings& from, const config::Settings& to) const;

private:
    struct Entry {
        std::unique_ptr<Resident> resident;
        bool isOpen = false;
        std::string trouble = {};  // as it was last logged
    };

    log::Log log_;
    std::vector<Entry> all_;
};

}  // namespace postseal::app
