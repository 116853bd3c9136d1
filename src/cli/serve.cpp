#include "app/serve.hpp"

#include "cli/commands.hpp"

namespace postseal::cli {

int run(const Serve& command) {
    return command.mode == Serve::Mode::checkOnly ? app::check(command.config) : app::serve(command.config);
}

}  // namespace postseal::cli
