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
#include <cstdint>
#include <optional>
#include <string_view>

namespace postseal::smtp {

enum class Verb { ehlo, helo, startTls, mail, rcpt, data, bdat, rset, noop, vrfy, help, quit };
inline constexpr std::size_t verbCount = 12;
std::string_view toText(Verb verb);  // EHLO, STARTTLS, ...

struct Command {
    Verb verb = Verb::noop;
    std::string_view arguments;  // without the spaces at either end
};

/// A line without its CRLF.
base::Result<Command, Reply> parseCommand(std::string_view line);
/// Which command a line begins with, right or wrong in the rest; nullopt: none that we know.
std::optional<Verb> verbOf(std::string_view line);

/// What of a client's words a reply quotes, and with it the log (rule 55).
inline constexpr std::size_t quotedBytes = 100;

/// Parameters belong to EHLO's sessions (RFC 5321 §2.2.1): after HELO there are none. Those of DSN are only
/// for whom it is offered to.
enum class Parameters { refused, withoutDsn, taken };

/// `FROM:<reverse-path>` with SIZE, BODY, SMTPUTF8, REQUIRETLS, RET, ENVID, to an envelope without
/// recipients.
base::Result<record::Envelope, Reply> parseMail(std::string_view arguments,
                                                Parameters parameters = Parameters::taken);

/// Under what a RCPT stands.
struct RcptRules {
    base::DomainName postmasterDomain;          // of `<Postmaster>` (RFC 5321 §4.1.1.3)
    record::Utf8 utf8 = record::Utf8::refused;  // MAIL asked for SMTPUTF8 (RFC 6531 §3.4)
    Parameters parameters = Parameters::taken;
};
/// `TO:<forward-path>` with NOTIFY and ORCPT.
base::Result<record::Recipient, Reply> parseRcpt(std::string_view arguments, const RcptRules& rules);

/// One piece of a text (RFC 3030 §2).
struct Chunk {
    std::uint64_t bytes = 0;
    bool isLast = false;

    bool operator==(const Chunk&) const = default;
};
/// `n [LAST]`. After the error nobody knows where the next command begins.
base::Result<Chunk, Reply> parseBdat(std::string_view arguments);

/// Nobody is told who has a mailbox here (RFC 5321 §7.3); the error is about the form, SMTPUTF8 included (RFC
/// 6531 §3.7.4.2).
base::Result<void, Reply> parseVrfy(std::string_view arguments);

/// All commands, or the form of the one that is asked for.
Reply help(std::string_view arguments);

/// The name after EHLO or HELO: one word of the characters that a domain or an address literal has. Whether
/// it is true nobody asks (RFC 5321 §4.1.4 forbids refusing mail for it).
base::Result<std::string_view, Reply> parseClientName(std::string_view arguments);

}  // namespace postseal::smtp
