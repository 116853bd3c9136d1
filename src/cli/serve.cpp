#include "app/serve.hpp"
#include "app/preflight.hpp"

#include "cli/commands.hpp"

namespace postseal::cli {

int run(const Serve& command) {
    return command.mode == Serve::Mode::checkOnly ? app::preflight(command.config)
                                                  : app::serve(command.config);
}

}  // namespace postseal::cli
