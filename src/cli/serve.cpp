#include "cli/commands.hpp"

#include "app/preflight.hpp"
#include "app/start.hpp"

namespace postseal::cli {

int run(const Serve& command) {
    return command.mode == Serve::Mode::checkOnly ? app::preflight(command.config)
                                                  : app::start(command.config);
}

}  // namespace postseal::cli
