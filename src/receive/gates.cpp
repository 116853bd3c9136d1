#include "mail/loop.hpp"
#include "receive/access.hpp"
#include "receive/gate.hpp"
#include "receive/sender_policy.hpp"
#include "task/clock.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace postseal::receive {
namespace {

using base::fail;
using smtp::Reply;
using task::Awaitable;

/// Sessions, in all and of one client.
Awaitable<Passage> takeSeat(Visit& visit) {
    auto entry = visit.services.rates.enter(visit.client.address, visit.site->settings->sessions);
    switch (entry.admission) {
    case Admission::tooManyFromClient:
        co_return fail(Reply{421, "4.7.0", "Error: too many connections from your address, try again later"});
    case Admission::tooManySessions:
        co_return fail(Reply{421, "4.7.0", "Error: too many connections, try again later"});
    case Admission::admitted: break;
    }
    visit.seat = std::move(entry.seat);
    co_return Passage();
}

/// The handshake never fails on a certificate, so a listener that requires one judges it here (rules 42, 43).
Awaitable<Passage> proveClient(Visit& visit) {
    if (!visit.site->needsCertificate) co_return Passage();
    const auto& tls = visit.machine.tls();
    if (!tls) co_return fail(Reply{530, "5.7.0", "Must issue a STARTTLS command first"});
    if (!tls->peer)
        co_return fail(Reply{550, "5.7.1", "This server takes mail only from clients with a certificate"});
    const auto& fault = tls->peer->chainFault;
    if (!fault.empty())
        co_return fail(Reply{550, "5.7.1", "Your client certificate is not valid here: " + fault});
    co_return Passage();
}

Awaitable<Passage> findRoom(Visit& visit) {
    auto trouble = storageTrouble(visit.services, *visit.site->settings);
    if (trouble) co_return fail(std::move(*trouble));
    co_return Passage();
}

/// Who may send to whom.
Awaitable<Addressees> findAddressees(Visit& visit, const record::Recipient& recipient) {
    const Sender sender{visit.machine.envelope().sender, visit.submitter, visit.site->settings->srsFrom};
    co_return decideRecipient(recipient, *visit.site->directory, sender, task::timeNow());
}

Awaitable<Amendment> refuseLoops(Visit& visit, const ArrivedText& text) {
    if (mail::isLooping(text.header, visit.site->settings->hops))
        co_return fail(Reply{554, "5.4.6", "Error: too many hops"});
    co_return std::string();
}

/// The first line of a text where it is no field.
Awaitable<Amendment> parTheHeader(Visit&, const ArrivedText& text) {
    // Else such a line would pose as part of our Received: one that begins with a space continues it.
    if (text.header.isMissing) co_return "\r\n";
    // What is no field among fields ends the header for some readers and not for others, so it gets a name.
    if (text.header.hasMailboxLine) co_return "X-Mailbox-Line: ";
    co_return std::string();
}

/// In this order. The last one touches the text itself: nothing may be set between.
constexpr Gate gates[] = {
    {.atConnect = takeSeat},
    {.atSender = proveClient},
    {.atSender = findRoom},
    {.atSender = judgeSender, .atRecipient = tellSender, .atText = judgeAuthors},
    {.atRecipient = findAddressees},
    {.atText = refuseLoops},
    {.atText = parTheHeader},
};

}  // namespace

Submitter submitterOf(const base::IpAddress& client, const std::vector<base::Network>& relayNetworks) {
    const auto listed =
        std::ranges::any_of(relayNetworks, [&](const auto& network) { return network.contains(client); });
    return listed ? Submitter::network : Submitter::stranger;
}

Reply shortOfMemory() {
    return {452, "4.3.1", "Too much mail is on its way in, try again later"};
}

/// A full disk keeps its reserve for bounces and records.
std::optional<Reply> storageTrouble(const ReceivingServices& services, const Settings& settings) {
    if (!services.queueReady || !services.writer.isWell())
        return Reply{451, "4.3.0", "The queue is not available, try again later"};
    if (!services.writer.hasRoom()) return Reply{452, "4.3.1", "Insufficient system storage"};
    if (services.memory.isSpent(settings.arrivalMemory)) return shortOfMemory();
    return std::nullopt;
}

Awaitable<Passage> passConnect(Visit& visit) {
    for (const auto& gate : gates) {
        if (gate.atConnect == nullptr) continue;
        if (auto passed = co_await gate.atConnect(visit); !passed) co_return passed;
    }
    co_return Passage();
}

Awaitable<Passage> passSender(Visit& visit) {
    for (const auto& gate : gates) {
        if (gate.atSender == nullptr) continue;
        if (auto passed = co_await gate.atSender(visit); !passed) co_return passed;
    }
    co_return Passage();
}

Awaitable<Addressees> passRecipient(Visit& visit, const record::Recipient& recipient) {
    std::vector<queue::NewRecipient> all;
    for (const auto& gate : gates) {
        if (gate.atRecipient == nullptr) continue;
        auto found = co_await gate.atRecipient(visit, recipient);
        if (!found) co_return found;
        std::ranges::move(*found, std::back_inserter(all));
    }
    co_return all;
}

Awaitable<Amendment> passText(Visit& visit, const ArrivedText& text) {
    std::string prefix;
    for (const auto& gate : gates) {
        if (gate.atText == nullptr) continue;
        const auto amended = co_await gate.atText(visit, text);
        if (!amended) co_return amended;
        prefix += *amended;
    }
    co_return prefix;
}

}  // namespace postseal::receive
