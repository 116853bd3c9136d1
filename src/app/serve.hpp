// `postseal serve`: loads the configuration, starts the server, and stays to supervise it: signals, changed
// map files, systemd. Returns the process's exit status: 0 after SIGTERM, 2 where the configuration or
// another server forbids a start. Once, from the main thread, before any other thread runs.
#pragma once

#include <string>

namespace postseal::app {

int serve(const std::string& configFile);

}  // namespace postseal::app
