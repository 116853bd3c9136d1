// Asks how mail to a domain or an address would leave, by the code that delivers it: what `postseal check`
// prints and a page can show. No mail is sent, nothing is written. One for each core; all on its thread.
#pragma once

#include "check/checked.hpp"
#include "directory/directory.hpp"
#include "net/smtp_client.hpp"
#include "policy/requiretls.hpp"
#include "task/awaitable.hpp"

#include <memory>
#include <string>

namespace postseal::check {

enum class Handshakes { no, yes };

struct CheckSettings {
    Handshakes handshakes = Handshakes::no;
    policy::MailKind kind = policy::MailKind::message;
};

class Checker {
public:
    static constexpr std::size_t mostLegsAtOnce = 20;  // of one address

    /// What is referred to outlives the checks.
    Checker(discover::Destinations& destinations, net::SmtpDialer& dialer,
            std::shared_ptr<const directory::Directory> directory);

    /// Of a domain, an address or a next hop. What is remembered of the domain is the caller's to add.
    task::Awaitable<Checked> check(std::string asked, CheckSettings how);

private:
    struct Legwork;

    static task::Awaitable<void> walk(Checker* self, CheckSettings how, std::shared_ptr<Legwork> legwork);
    task::Awaitable<void> checkLeg(CheckedLeg& leg, record::Transport transport, CheckSettings how);

    discover::Destinations& destinations_;
    net::SmtpDialer& dialer_;
    std::shared_ptr<const directory::Directory> directory_;
};

}  // namespace postseal::check
