// What `postseal serve` does: loads the configuration, binds the ports, becomes the user that it names, makes
// the server and has it supervised until it ends. Returns the process's exit status: 0 after SIGTERM, 2 where
// the configuration or another server forbids a start. Once, from the main thread, before any other thread
// runs.
#pragma once

#include <string>

namespace postseal::app {

int start(const std::string& configFile);

}  // namespace postseal::app
