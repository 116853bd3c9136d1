// The commands that a client sends (RFC 5321 §4.1): the verb, then the arguments of each. Strict: what the
// grammar does not have is refused with the reply that the client gets. No space stands after `FROM:` or
// `TO:` and the angle brackets are always there (§3.3, §4.1.2), where Postfix tolerates both
// (strict_rfc821_envelopes = no). Input is hostile; views point into the line. Pure.
#pragma once

#include "base/domain_name.hpp"
#include "base/result.hpp"
#include "record/envelope.hpp"
#include "record/mailbox.hpp"
#include "smtp/reply.hpp"

#include <cstddef>
#include <string_view>

namespace postseal::smtp {

enum class Verb { ehlo, helo, startTls, mail, rcpt, data, rset, noop, vrfy, help, quit };
inline constexpr std::size_t verbCount = 11;
std::string_view toText(Verb verb);  // EHLO, STARTTLS, ...

struct Command {
    Verb verb = Verb::noop;
    std::string_view arguments;  // without the spaces at either end
};

/// A line without its CRLF.
base::Result<Command, Reply> parseCommand(std::string_view line);

/// `FROM:<reverse-path> [SIZE=n] [BODY=7BIT|8BITMIME]`, to an envelope without recipients.
base::Result<record::Envelope, Reply> parseMail(std::string_view arguments);

/// `TO:<forward-path>`. `<Postmaster>` without a domain is that of `ours` (RFC 5321 §4.1.1.3).
base::Result<record::Mailbox, Reply> parseRcpt(std::string_view arguments, const base::DomainName& ours);

/// The name after EHLO or HELO: one word of the characters that a domain or an address literal has. Whether
/// it is true nobody asks (RFC 5321 §4.1.4 forbids refusing mail for it).
base::Result<std::string_view, Reply> parseClientName(std::string_view arguments);

}  // namespace postseal::smtp
