#include "cli/commands.hpp"

int main(int argc, char** argv) {
    return postseal::cli::run(argc, argv);
}
