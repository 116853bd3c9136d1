// `postseal serve --check`: reads everything that serve would read, looks at the ports, and starts nothing.
// As root it ends with the eyes of the account that the server becomes: what it finds right, a reload will
// find right too. Once, from the main thread, before any other thread runs.
#pragma once

#include <string>

namespace postseal::app {

/// The exit status: 0: all is right; 2: what is wrong is printed, all of it.
int preflight(const std::string& configFile);

}  // namespace postseal::app
