// The words on the command line, as one value: what to do and with which configuration. Help, version and
// every mistake end here, as text and an exit status (0 fine, 1 the answer is no, 2 usage or configuration
// error).
#pragma once

#include <string>
#include <variant>

namespace postseal::cli {

enum class Output { people, json };

struct Serve {
    std::string config;
    enum class Mode { run, checkOnly } mode = Mode::run;
};
struct Trace {
    std::string config, id;
    Output output = Output::people;
};
struct QueueList {
    std::string config;
    Output output = Output::people;
};
struct QueueShow {
    std::string config, id;
    Output output = Output::people;
};
struct QueueBalance {
    std::string config;
    Output output = Output::people;
};
using Command = std::variant<Serve, Trace, QueueList, QueueShow, QueueBalance>;

/// Nothing is to be done but to print: help (status 0, standard output) or a mistake (2, standard error).
struct Ended {
    int status = 0;
    std::string text;
};

std::variant<Command, Ended> parseArguments(int argc, const char* const* argv);

}  // namespace postseal::cli
