#include "app/residents.hpp"

namespace postseal::app {

Residents::~Residents() {
    while (!all_.empty())
        all_.pop_back();
}

void Residents::tick(const Now& now) {
    for (auto& [resident, isOpen, trouble] : all_) {
        const auto done = isOpen ? resident->tick(now) : resident->open();
        const auto words = done ? std::string() : done.error();
        if (!done && words != trouble) {
            if (isOpen)
                log_.warning(log::Line().text(words));
            else
                log_.error(log::Line().text(words));
        }
        trouble = words;
        isOpen = isOpen || done;
    }
}

void Residents::start() {
    for (const auto& entry : all_)
        entry.resident->start();
}

void Residents::adopt(const std::shared_ptr<const Loaded>& loaded) {
    for (const auto& entry : all_)
        entry.resident->adopt(loaded);
}

void Residents::adoptPolicy(const std::shared_ptr<const policy::Map>& map) {
    for (const auto& entry : all_)
        entry.resident->adoptPolicy(map);
}

void Residents::stop() {
    for (auto entry = all_.rbegin(); entry != all_.rend(); ++entry)  // each may need earlier ones for its end
        entry->resident->stop();
}

std::string Residents::needsRestart(const config::Settings& from, const config::Settings& to) const {
    std::string keys;
    for (const auto& entry : all_)
        for (const auto& key : entry.resident->needsRestart(from, to))
            keys += (keys.empty() ? "" : ", ") + key;
    return keys;
}

}  // namespace postseal::app
