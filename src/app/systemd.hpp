// Tells systemd how the service is (sd_notify(3), Type=notify). Without $NOTIFY_SOCKET nothing happens. What
// systemd does not hear is no error of ours, so nothing is returned.
#pragma once

#include <string_view>

namespace postseal::app {

/// `READY=1`, `STOPPING=1`, `STATUS=...`; several are separated by line ends.
void notifySystemd(std::string_view state);
/// RELOADING=1 with the monotonic time that Type=notify-reload wants; READY=1 ends it.
void notifyReloading();

}  // namespace postseal::app
