#include "cli/commands.hpp"

#include <cstdio>
#include <exception>
#include <variant>

namespace postseal::cli {

int run(int argc, const char* const* argv) {
    const auto parsed = parseArguments(argc, argv);
    if (const auto* ended = std::get_if<Ended>(&parsed)) {
        std::fputs(ended->text.c_str(), ended->status == 0 ? stdout : stderr);
        return ended->status;
    }
    try {
        return std::visit([](const auto& command) { return run(command); }, std::get<Command>(parsed));
    } catch (const std::exception& error) {
        std::fprintf(stderr, "postseal: %s\n", error.what());
        return 2;
    }
}

}  // namespace postseal::cli
