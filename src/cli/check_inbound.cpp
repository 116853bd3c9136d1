#include "app/inbound_check.hpp"
#include "cli/check_inbound_text.hpp"
#include "cli/commands.hpp"
#include "cli/open_store.hpp"

#include <cstdio>

namespace postseal::cli {

int run(const CheckInbound& command) {
    const auto checked = app::checkInbound(command.config, command.domain, command.client);
    if (!checked) return failWith(checked.error());
    const auto text = command.output == Output::json ? toJson(*checked) + '\n' : forPeople(*checked);
    std::fputs(text.c_str(), stdout);
    return checked->verdict == app::InboundChecked::Verdict::refused ? 1 : 0;
}

}  // namespace postseal::cli
