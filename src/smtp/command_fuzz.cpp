// Command lines: whatever comes, a command or a reply that can be sent; an address that is taken is
// canonical.
#include "smtp/command.hpp"

#include <cstdint>
#include <cstdlib>

using namespace postseal;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

void requireSendable(const smtp::Reply& reply) {
    const auto wire = smtp::toText(reply);
    require(reply.code >= 500 && reply.code < 560 && wire.ends_with("\r\n") && wire.size() < 1024);
}

void requireCanonical(const record::Mailbox& mailbox) {
    const auto again = record::Mailbox::parse(mailbox.toText(), record::Utf8::allowed);
    require(again && *again == mailbox);
}

void checkMail(std::string_view arguments) {
    const auto envelope = smtp::parseMail(arguments);
    if (!envelope) return requireSendable(envelope.error());
    require(envelope->requireTls != record::RequireTls::whereOffered);
    if (!envelope->sender) return;
    requireCanonical(*envelope->sender);
    require(envelope->sender->isAscii() || envelope->smtpUtf8);
}

void checkRcpt(std::string_view arguments) {
    static const auto hostname = *base::DomainName::parse("mx.example.org");
    for (const auto utf8 : {record::Utf8::refused, record::Utf8::allowed}) {
        const auto recipient = smtp::parseRcpt(arguments, {hostname, utf8});
        if (!recipient) {
            requireSendable(recipient.error());
            continue;
        }
        requireCanonical(recipient->mailbox);
        require(recipient->mailbox.isAscii() || utf8 == record::Utf8::allowed);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view line(reinterpret_cast<const char*>(data), size);
    const auto command = smtp::parseCommand(line);
    if (!command) {
        requireSendable(command.error());
        return 0;
    }
    const auto arguments = command->arguments;
    require(!arguments.starts_with(' ') && !arguments.ends_with(' '));
    if (command->verb == smtp::Verb::mail) checkMail(arguments);
    if (command->verb == smtp::Verb::rcpt) checkRcpt(arguments);
    if (command->verb == smtp::Verb::bdat)
        if (const auto chunk = smtp::parseBdat(arguments); !chunk) requireSendable(chunk.error());
    if (command->verb == smtp::Verb::vrfy)
        if (const auto parsed = smtp::parseVrfy(arguments); !parsed) requireSendable(parsed.error());
    if (command->verb == smtp::Verb::ehlo)
        if (const auto name = smtp::parseClientName(arguments)) require(name->find(' ') == name->npos);
    return 0;
}
