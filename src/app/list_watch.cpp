#include "app/list_watch.hpp"

#include <utility>

namespace postseal::app {

std::vector<FileStamp> ListWatch::stamps() const {
    std::vector<FileStamp> all;
    all.reserve(files_.size());
    for (const auto& file : files_)
        all.push_back(stampOf(file.string()));
    return all;
}

void ListWatch::start(const std::vector<std::filesystem::path>& files) {
    files_ = files;
    known_ = last_ = stamps();
    filled_.clear();
    for (const auto& stamp : known_)
        filled_.push_back(stamp.size > 0);
}

ListWatch::Seen ListWatch::look() {
    const auto now = stamps();
    const bool isAtRest = now == std::exchange(last_, now);
    if (now == known_ || !isAtRest) return Seen::same;
    known_ = now;
    for (std::size_t i = 0; i < now.size(); ++i)
        if (filled_[i] && now[i].size == 0) return Seen::emptied;
    return Seen::changed;
}

}  // namespace postseal::app
