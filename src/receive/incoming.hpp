// A message on its way in, from MAIL to the commit before its 250: its recipients, its text as it streams
// into the queue's memory or file, its Received field, its statement and its hop record. Made durable in one
// batch. Stays on its core.
#pragma once

#include "base/result.hpp"
#include "mail/header.hpp"
#include "mail/statement_filter.hpp"
#include "receive/access.hpp"
#include "receive/gate.hpp"
#include "receive/services.hpp"
#include "receive/settings.hpp"
#include "record/hop.hpp"
#include "task/awaitable.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postseal::receive {

/// What is the same for each record of the session.
record::HopRecord hopRecord(const Visit& visit, base::Timestamp now);

class Incoming {
public:
    explicit Incoming(const Visit& visit);

    /// All who stand behind one recipient, or the refusal: they would be too many for us.
    base::Result<void, smtp::Reply> add(std::vector<queue::NewRecipient> recipients,
                                        const directory::Directory& directory, base::Timestamp now);
    const record::QueueId& id() const { return id_; }  // with the first recipient

    /// Takes the bytes before it first suspends. The error ends the text, and nothing of it is kept.
    task::Awaitable<base::Result<void, smtp::Reply>> append(std::string_view text);
    void dropText();

    struct Stored {
        record::QueueId id;
        std::vector<queue::Lease> leases;
    };
    /// Durable, or the reply that says why not. Once. What is handed to the writer is awaited to its end.
    task::Awaitable<base::Result<Stored, smtp::Reply>> store(Visit& visit);

private:
    task::Awaitable<base::Result<void, smtp::Reply>> keep(std::string_view text);
    queue::NewMessage newMessage(const Visit& visit, queue::Body body, base::Timestamp now);

    ReceivingServices& services_;
    std::size_t memoryBound_;
    ArrivalMemory::Share share_;
    std::size_t recipientBytes_ = 0;
    Addressed recipients_;
    record::QueueId id_;
    std::optional<queue::IncomingBody> body_;
    mail::StatementFilter statements_;
    mail::HeaderReader header_;
};

}  // namespace postseal::receive
