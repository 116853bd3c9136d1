#include "base/ascii.hpp"
#include "cli/commands.hpp"
#include "cli/open_store.hpp"
#include "cli/transport.hpp"
#include "ledger/search.hpp"

#include <cstdio>

namespace postseal::cli {

int run(const Trace& command) {
    const auto store = openStore(command.config);
    if (!store) return failWith(store.error());
    const auto found = ledger::find(**store, command.id);
    if (!found) return failWith(base::toText(found.error()));

    const auto text = command.output == Output::json ? ledger::toJson(*found) : forPeople(*found);
    std::fputs(text.c_str(), stdout);
    if (!text.ends_with('\n')) std::fputc('\n', stdout);
    if (!found->empty()) return 0;
    std::fprintf(stderr, "postseal: no message with the queue id or Message-ID %s is recorded\n",
                 base::escaped(command.id).c_str());
    return 1;
}

}  // namespace postseal::cli
