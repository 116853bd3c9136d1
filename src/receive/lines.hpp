// What receiving says in the log, in Postfix's words, so that pflogsumm and fail2ban read it. No text of the
// client's stands before its address (rule 55). Pure; any thread.
#pragma once

#include "base/ip_address.hpp"
#include "log/line.hpp"
#include "record/envelope.hpp"
#include "record/message_id.hpp"
#include "record/tls_facts.hpp"
#include "smtp/reply.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace postseal::receive {

struct Client {
    std::string name;  // by reverse lookup, confirmed forward; empty: none
    base::IpAddress address;
    std::uint16_t port = 0;
};

std::string toText(const Client& client);  // mail.example.org[192.0.2.1], unknown[192.0.2.1]

log::Line connectLine(const Client& client);
/// `counts` is smtp::ServerSession::commandCounts(): `ehlo=2 starttls=1 mail=1 ... commands=7`.
log::Line disconnectLine(const Client& client, std::string_view counts);
/// `lost connection after DATA from ...`, `timeout after ...`; `stage` is the last command.
log::Line brokenLine(std::string_view how, std::string_view stage, const Client& client);
log::Line tlsLine(const Client& client, const record::TlsFacts& tls);
log::Line tlsFailedLine(const Client& client, std::string_view why);

/// What a refusal was about.
struct Rejected {
    std::string_view stage;  // MAIL, RCPT, END-OF-MESSAGE
    const smtp::Reply& reply;
    const record::ReversePath& sender;
    std::string recipient;  // empty before RCPT
    std::string_view protocol, helo;
    enum class How { refused, testing };  // Postfix's reject_warning: it passed, but would not have
    How how = How::refused;
};
log::Line rejectLine(const record::QueueId& id, const Client& client, const Rejected& rejected);

log::Line clientLine(const record::QueueId& id, const Client& client);
log::Line messageIdLine(const record::QueueId& id, std::string_view messageId);
log::Line activeLine(const record::QueueId& id, const record::ReversePath& sender, std::uint64_t sizeBytes,
                     std::size_t recipients);

}  // namespace postseal::receive
