#include "cli/commands.hpp"

#include <sys/stat.h>

int main(int argc, char** argv) {
    ::umask(077);  // before anything else: whatever any command makes, SQLite's files too, is nobody else's
    return postseal::cli::run(argc, argv);
}
