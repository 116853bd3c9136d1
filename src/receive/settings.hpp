// What receiving is told by the configuration, and the immutable value that a session lives under: a reload
// makes another Site for those who come next, and who is connected keeps his own. Shared by all cores.
#pragma once

#include "base/domain_name.hpp"
#include "base/ip_address.hpp"
#include "directory/directory.hpp"
#include "receive/rates.hpp"
#include "record/mailbox.hpp"
#include "record/requirement.hpp"
#include "smtp/server_session.hpp"
#include "tls/server_context.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace postseal::receive {

/// Who may order reports (RFC 3461): those on whose behalf we send, everyone, nobody.
enum class DsnFor { own, all, none };
/// Whether mail is judged by those whom its From field names, too.
enum class HeaderFrom { off, testing, enforce };
/// Whose mail goes on by an address of SRS: reports and that of clients that may relay, or everyone's.
enum class SrsFrom { reports, anyone };

struct Settings {
    std::string hostname;                                                         // in Received
    base::DomainName statementId = base::DomainName::parse("localhost").value();  // of our site
    SessionLimits sessions = {};
    std::vector<base::Network> relayNetworks;  // clients that may send anywhere; empty: none
    bool hideSubmitter = false;                // of those clients, in Received
    // What the messages on their way in may hold in memory; a hundred senders of large ones need about 15 MB.
    std::size_t arrivalMemory = 64U << 20U;
    bool reverseLookup = true;  // the client's name by DNS, confirmed forward
    DsnFor dsn = DsnFor::own;
    SrsFrom srsFrom = SrsFrom::reports;
    HeaderFrom headerFrom = HeaderFrom::testing;
    std::vector<record::Mailbox> openRecipients = {};  // take mail whatever inbound policy says
    std::string policyPage = {};                       // that its refusals point to; empty: none
    unsigned hops = 50;  // more Received fields than that are a loop (Postfix: hopcount_limit)
};

/// One listener, as it is now.
struct Site {
    std::string address;  // 192.0.2.10:25
    std::shared_ptr<const Settings> settings;
    std::shared_ptr<const smtp::ServerSettings> smtp;
    std::shared_ptr<const tls::ServerContext> tls;  // null where the listener has none
    bool asksForCertificate = false;                // of its clients
    bool needsCertificate = false;                  // no mail without a valid one
    record::Requirement demand;                     // what the listener demands, for the records
    std::shared_ptr<const directory::Directory> directory;
};

}  // namespace postseal::receive
