// What the commands of a client do in a session: the second part of server_session.cpp.
#include "base/ascii.hpp"
#include "smtp/extensions.hpp"
#include "smtp/server_session.hpp"

#include <algorithm>

namespace postseal::smtp {

std::optional<ServerAction> ServerSession::takeCommand(base::Tick now) {
    const auto line = takeLine();
    if (!line) {
        if (phase_ != Phase::command) return std::nullopt;
        return output_.empty() ? read(now) : write(now);
    }
    if (++commands_ > settings_->limits.commands) {
        endRefusing(
            {421, "4.7.0", settings_->hostname.text() + " Too many commands, closing the connection"});
        return std::nullopt;
    }
    noteStage(*line);
    commandCounts_.begin(verbOf(*line));
    const auto command = parseCommand(*line);
    if (command) return perform(*command);
    if (base::startsWithWord(*line, "BDAT"))
        endRefusing(command.error());  // what follows are its octets, nobody knows how many
    else
        say(command.error());
    return std::nullopt;
}

void ServerSession::noteStage(std::string_view line) {
    const auto verb = verbOf(line);
    stage_ = verb ? toText(*verb) : "UNKNOWN";
}

// The next command line without its CRLF; nullopt: more must be read, or the session has ended. The limit
// sits here, whatever the line is about (rule 53).
std::optional<std::string_view> ServerSession::takeLine() {
    const auto limit = settings_->limits.commandLine;
    while (phase_ == Phase::command) {
        const auto text = unread();
        const auto lf = text.find('\n', scanned_);
        const bool found = lf != std::string_view::npos;
        const bool proper = found && lf > 0 && text[lf - 1] == '\r';

        if (skippingLine_) {
            const auto skipped = found ? lf + 1 : text.size() - (text.ends_with('\r') ? 1 : 0);
            taken_ += skipped;
            scanned_ = 0;
            skippingLine_ = !proper;
            if (!found) return std::nullopt;
            continue;
        }
        if ((found ? lf : text.size()) >= limit) {
            skippingLine_ = true;
            scanned_ = 0;
            noteStage(text);
            say({500, "5.5.2", "Line too long"});
            continue;
        }
        scanned_ = text.size();
        if (!found) return std::nullopt;

        taken_ += lf + 1;
        scanned_ = 0;
        if (proper) return text.substr(0, lf - 1);
        noteStage(text.substr(0, lf));
        // Neither a line of its own nor part of one: whoever sends it sees other commands than we (rule 47).
        endRefusing({500, "5.5.2", "Bare LF: CRLF alone ends a line; closing the connection"});
    }
    return std::nullopt;
}

// The client has sent more before it could know our reply to `verb` (RFC 2920 §3.1): what it believes to be
// commands may be the text of a message, or the other way round. Elsewhere replies in order do no harm.
bool ServerSession::isTooSoon(Verb verb) const {
    return !unread().empty() && (verb == Verb::ehlo || verb == Verb::helo || verb == Verb::data);
}

std::optional<Reply> ServerSession::refusalOf(Verb verb) const {
    const auto outOfOrder = [](const char* words) { return Reply{503, "5.5.1", words}; };
    switch (verb) {
    case Verb::ehlo:
    case Verb::helo:
    case Verb::noop:
    case Verb::quit: return std::nullopt;
    case Verb::startTls:
        if (settings_->tls == ListenerTls::none) return Reply{502, "5.5.1", "Command not implemented"};
        if (tls_) return outOfOrder("TLS is already active");
        if (helo_ != Helo::ehlo) return outOfOrder("Send EHLO first");
        if (text_.chunking) return outOfOrder("A text has begun");
        return std::nullopt;
    case Verb::mail:
    case Verb::rcpt:
    case Verb::data:
    case Verb::bdat:
    case Verb::rset:
    case Verb::vrfy:
    case Verb::help: break;
    }
    if (settings_->tls == ListenerTls::encrypt && !tls_)
        return Reply{530, "5.7.0", "Must issue a STARTTLS command first"};  // RFC 3207 §4
    if (verb == Verb::mail && helo_ == Helo::none) return outOfOrder("Send EHLO or HELO first");
    if (verb == Verb::mail && transaction_.isOpen) return outOfOrder("Nested MAIL command");
    const bool isText = verb == Verb::data || verb == Verb::bdat;
    if (verb == Verb::bdat && helo_ != Helo::ehlo) return outOfOrder("Send EHLO first");
    if ((isText || verb == Verb::rcpt) && !transaction_.isOpen) return outOfOrder("Send MAIL first");
    if (text_.chunking && (verb == Verb::rcpt || verb == Verb::data))
        return outOfOrder("BDAT has begun the text");
    if (isText && transaction_.envelope.recipients.empty())
        return transaction_.recipientsRefused ? Reply{554, "5.5.1", "No valid recipients"}
                                              : outOfOrder("Send RCPT first");
    return std::nullopt;
}

std::optional<ServerAction> ServerSession::perform(const Command& command) {
    if (isTooSoon(command.verb)) {
        endRefusing({554, "5.5.0", "Wait for the reply before you send more; closing the connection"});
        return std::nullopt;
    }
    auto refusal = refusalOf(command.verb);
    if (command.verb == Verb::bdat) {
        bdat(command.arguments, std::move(refusal));
        return std::nullopt;
    }
    if (refusal) {
        say(*refusal);
        return std::nullopt;
    }
    switch (command.verb) {
    case Verb::ehlo:
    case Verb::helo: return greet(command);
    case Verb::startTls: startTls(); break;
    case Verb::mail: return mail(command.arguments);
    case Verb::rcpt: return rcpt(command.arguments);
    case Verb::data: data(); break;
    case Verb::bdat: break;  // above
    case Verb::rset: {
        auto action = takeBackTransaction();
        say({250, "2.0.0", "Ok"});
        return action;
    }
    case Verb::noop: say({250, "2.0.0", "Ok"}); break;
    case Verb::vrfy: {
        const auto parsed = parseVrfy(command.arguments);
        say(parsed ? Reply{252, "2.5.2", "Send RCPT and see"} : parsed.error());
        break;
    }
    case Verb::help: say(help(command.arguments)); break;
    case Verb::quit: end({221, "2.0.0", "Bye"}); break;
    }
    return std::nullopt;
}

std::optional<ServerAction> ServerSession::greet(const Command& command) {
    const auto name = parseClientName(command.arguments);
    if (!name) {
        say(name.error());
        return std::nullopt;
    }
    auto action = takeBackTransaction();  // RFC 5321 §4.1.4
    clientName_ = *name;
    helo_ = command.verb == Verb::ehlo ? Helo::ehlo : Helo::helo;

    Reply reply{250, "", settings_->hostname.text()};
    if (helo_ == Helo::ehlo) {
        Extensions extensions{.pipelining = true,
                              .eightBitMime = true,
                              .enhancedStatusCodes = true,
                              .dsn = dsn_ == Dsn::offered,
                              .smtpUtf8 = true,
                              .chunking = true};
        extensions.startTls = settings_->tls != ListenerTls::none && !tls_;
        extensions.size = settings_->limits.messageBytes;
        extensions.requireTls = isRequireTlsOffered();
        for (const auto& line : toLines(extensions))
            reply.text += '\n' + line;
    }
    say(reply);
    return action;
}

// The transaction ends without a message; the driver is told where it has text of it.
std::optional<ServerAction> ServerSession::takeBackTransaction() {
    const bool hasText = text_.chunking && !text_.dropping;
    forgetTransaction();
    return hasText ? std::optional<ServerAction>(action::Discard{}) : std::nullopt;
}

void ServerSession::startTls() {
    // What stands behind the command was not sent by who will shake hands: it never becomes a command, before
    // or after (RFC 3207 §4.2, CVE-2011-0411, rule 42).
    input_.clear();
    taken_ = scanned_ = 0;
    say({220, "2.0.0", "Ready to start TLS"});
    phase_ = Phase::handshake;
}

std::optional<ServerAction> ServerSession::mail(std::string_view arguments) {
    auto envelope = parseMail(arguments, parameters());
    if (!envelope) {
        say(envelope.error());
        return std::nullopt;
    }
    if (envelope->requireTls != record::RequireTls::no && !isRequireTlsOffered()) {
        // Rule 28. In clear the message has lost already what its sender asks for.
        say(settings_->requireTls ? Reply{530, "5.7.10", "REQUIRETLS needs TLS: send STARTTLS first"}
                                  : Reply{555, "5.5.4", "REQUIRETLS is not offered here"});
        return std::nullopt;
    }
    const auto limit = settings_->limits.messageBytes;
    if (limit > 0 && envelope->declaredBytes.value_or(0) > limit) {  // RFC 1870 §6.1
        say({552, "5.3.4", "Message exceeds the size limit"});
        return std::nullopt;
    }
    transaction_.envelope = std::move(*envelope);
    phase_ = Phase::decideSender;
    return action::DecideSender{transaction_.envelope};
}

std::optional<ServerAction> ServerSession::rcpt(std::string_view arguments) {
    auto recipient =
        parseRcpt(arguments, {settings_->postmasterDomain.value_or(settings_->hostname),
                              transaction_.envelope.smtpUtf8 ? record::Utf8::allowed : record::Utf8::refused,
                              parameters()});
    if (!recipient) {
        say(recipient.error());
        return std::nullopt;
    }
    auto& recipients = transaction_.envelope.recipients;
    if (std::ranges::find(recipients, recipient->mailbox, &record::Recipient::mailbox) != recipients.end()) {
        say({250, "2.1.5", "Ok"});  // accepted already, and delivered once
        return std::nullopt;
    }
    if (recipients.size() >= settings_->limits.recipients) {
        say({452, "4.5.3", "Too many recipients"});  // RFC 5321 §4.5.3.1.10
        return std::nullopt;
    }
    transaction_.candidate = std::move(*recipient);
    phase_ = Phase::decideRecipient;
    return action::DecideRecipient{*transaction_.candidate};
}

}  // namespace postseal::smtp
