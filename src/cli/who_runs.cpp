#include "cli/who_runs.hpp"

#include <pwd.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

namespace postseal::cli {

std::string whoRuns() {
    const char* sudo = ::geteuid() == 0 ? std::getenv("SUDO_USER") : nullptr;
    if (sudo != nullptr && *sudo != '\0') return sudo;
    std::array<char, 4096> buffer{};
    passwd entry{}, *found = nullptr;
    ::getpwuid_r(::getuid(), &entry, buffer.data(), buffer.size(), &found);
    return found != nullptr ? found->pw_name : "uid " + std::to_string(::getuid());
}

}  // namespace postseal::cli
