// The gates on a message's way in. Each is asked at the stages that it names, in the order of the list in
// gates.cpp, and the first refusal is the answer. Of class 4 where something could not be found out or may be
// otherwise later, and never of class 5 then (rule 60). Who judges a sender at MAIL and answers at RCPT, so
// that the refusal knows whom it concerned, keeps its verdict in the Visit. A gate may wait (for DNS, for a
// filter) and is not asked twice at a time. On the session's core.
#pragma once

#include "base/result.hpp"
#include "discover/inbound.hpp"
#include "mail/header.hpp"
#include "queue/body.hpp"
#include "queue/spool.hpp"
#include "receive/lines.hpp"
#include "receive/services.hpp"
#include "receive/settings.hpp"
#include "smtp/server_session.hpp"
#include "task/awaitable.hpp"
#include "tls/handles.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace postseal::receive {

/// On whose behalf a client sends; a stranger may send to us alone.
enum class Submitter { stranger, network };
Submitter submitterOf(const base::IpAddress& client, const std::vector<base::Network>& relayNetworks);

/// One client's session, as the gates and the records of its messages see it.
struct Visit {
    ReceivingServices& services;
    std::shared_ptr<const Site> site;  // the listener, as it was when the client came
    Client client;                     // without its name at atConnect
    // The name that it gives itself, TLS with the certificate that it showed, the envelope as far as it has
    // come.
    const smtp::ServerSession& machine;
    Submitter submitter = submitterOf(client.address, site->settings->relayNetworks);
    SSL* tls = nullptr;  // of the connection; null in clear
    bool wasAskedForCertificate = false;

    // What gates keep.
    Rates::Seat seat = {};
    discover::SharedInboundPolicy policy = {};  // under which the message's sender was judged
    policy::InboundVerdict verdict = {};        // on him; accepted without a rule for our own relays
    std::optional<std::string> ownRelay = {};   // the entry of own_relays that the client is one by
    bool hasOnlyOpenRecipients = true;          // those of the message that take mail whatever the verdict

    bool maySendAnywhere() const { return submitter != Submitter::stranger; }
};

/// A text that has come whole; queue::BodyReader reads it.
struct ArrivedText {
    const mail::HeaderFacts& header;
    const queue::Body& body;
};

using Passage = base::Result<void, smtp::Reply>;
using Addressees = base::Result<std::vector<queue::NewRecipient>, smtp::Reply>;
using Amendment = base::Result<std::string, smtp::Reply>;

/// Null where it has nothing to say.
struct Gate {
    /// Before the greeting; the refusal is the only thing that the client hears.
    task::Awaitable<Passage> (*atConnect)(Visit& visit) = nullptr;
    /// At MAIL, whose sender and parameters are in the machine's envelope.
    task::Awaitable<Passage> (*atSender)(Visit& visit) = nullptr;
    /// Passed: those who stand behind the recipient, of whom the gate knows.
    task::Awaitable<Addressees> (*atRecipient)(Visit& visit, const record::Recipient& recipient) = nullptr;
    /// Passed: what is set before the text, as lines of its header; may be empty.
    task::Awaitable<Amendment> (*atText)(Visit& visit, const ArrivedText& text) = nullptr;
};

task::Awaitable<Passage> passConnect(Visit& visit);
task::Awaitable<Passage> passSender(Visit& visit);
task::Awaitable<Addressees> passRecipient(Visit& visit, const record::Recipient& recipient);
task::Awaitable<Amendment> passText(Visit& visit, const ArrivedText& text);

/// The refusal of a new message where the disk or the memory for arriving ones has no room (rules 53, 54).
std::optional<smtp::Reply> storageTrouble(const ReceivingServices& services, const Settings& settings);
smtp::Reply shortOfMemory();

}  // namespace postseal::receive
