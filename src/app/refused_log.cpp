#include "app/refused_log.hpp"

#include <utility>

namespace postseal::app {

void RefusedLog::stop() {
    if (const auto written = write(clock_()); !written) log_.warning(log::Line().text(written.error()));
}

Resident::Done RefusedLog::write(base::Timestamp now) {
    auto batch = mails_.changes(kept_, now);
    if (!batch) return {};
    if (const auto done = writer_.commitBlocking(std::move(*batch)); !done)
        return base::fail("what was refused is not recorded: " + base::toText(done.error()));
    return {};
}

}  // namespace postseal::app
