#include "smtp/command.hpp"

#include "base/ascii.hpp"
#include "smtp/address.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace postseal::smtp {
namespace {

enum class Arguments { none, optional, required };
struct Entry {
    std::string_view word;
    Verb verb;
    Arguments arguments;
    std::string_view form;
};
constexpr Entry entries[] = {
    {"EHLO", Verb::ehlo, Arguments::required, "EHLO name"},
    {"HELO", Verb::helo, Arguments::required, "HELO name"},
    {"STARTTLS", Verb::startTls, Arguments::none, "STARTTLS"},
    {"MAIL", Verb::mail, Arguments::required, "MAIL FROM:<address>"},
    {"RCPT", Verb::rcpt, Arguments::required, "RCPT TO:<address>"},
    {"DATA", Verb::data, Arguments::none, "DATA"},
    {"RSET", Verb::rset, Arguments::none, "RSET"},
    {"NOOP", Verb::noop, Arguments::optional, "NOOP"},
    {"VRFY", Verb::vrfy, Arguments::required, "VRFY address"},
    {"HELP", Verb::help, Arguments::optional, "HELP"},
    {"QUIT", Verb::quit, Arguments::none, "QUIT"},
};
static_assert(std::size(entries) == verbCount);
// Commands of the standards that we know and don't have (RFC 5321 §4.2.4: 502, not 500).
constexpr std::string_view notImplemented[] = {"AUTH", "BDAT", "EXPN", "ETRN",
                                               "TURN", "SEND", "SOML", "SAML"};

Reply syntax(std::string_view form) {
    return {501, "5.5.4", "Syntax: " + std::string(form)};
}

// The address of MAIL or RCPT, and what stands behind it.
base::Result<PathText, Reply> takePath(std::string_view arguments, std::string_view keyword,
                                       std::string_view form, std::string_view enhanced) {
    if (!base::startsWithWord(arguments, keyword)) return base::fail(syntax(form));
    auto path = splitPath(arguments.substr(keyword.size()));
    if (!path) return base::fail(Reply{501, std::string(enhanced), "Bad address: " + path.error()});
    if (std::ranges::any_of(path->inside, base::is8bit))
        return base::fail(Reply{553, "5.6.7", "Addresses with 8-bit characters are not supported"});
    if (!path->rest.empty() && !path->rest.starts_with(' ')) return base::fail(syntax(form));
    return *path;
}

std::optional<std::uint64_t> parseSize(std::string_view text) {
    constexpr std::size_t mostDigits = 20;  // RFC 1870 §5
    if (text.empty() || text.size() > mostDigits || !std::ranges::all_of(text, base::isDigit))
        return std::nullopt;
    std::uint64_t bytes = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), bytes);
    return parsed.ec == std::errc() ? bytes : std::numeric_limits<std::uint64_t>::max();
}

struct MailParameters {
    std::optional<std::uint64_t> size;
    std::optional<record::BodyType> body;
};

base::Result<void, Reply> addParameter(MailParameters& parameters, std::string_view text) {
    const auto equals = std::min(text.find('='), text.size());
    const auto keyword = text.substr(0, equals);
    const auto value = text.substr(std::min(equals + 1, text.size()));

    if (base::sameWord(keyword, "SIZE")) {
        const auto bytes = parseSize(value);
        if (!bytes || parameters.size) return base::fail(syntax("SIZE=octets, once"));
        parameters.size = bytes;
        return {};
    }
    if (base::sameWord(keyword, "BODY")) {
        const bool eightBit = base::sameWord(value, "8BITMIME");
        if ((!eightBit && !base::sameWord(value, "7BIT")) || parameters.body)
            return base::fail(syntax("BODY=7BIT or BODY=8BITMIME, once"));
        parameters.body = eightBit ? record::BodyType::eightBitMime : record::BodyType::sevenBit;
        return {};
    }
    return base::fail(Reply{555, "5.5.4", "Parameter not supported"});
}

}  // namespace

std::string_view toText(Verb verb) {
    return std::ranges::find(entries, verb, &Entry::verb)->word;
}

base::Result<Command, Reply> parseCommand(std::string_view line) {
    // A bare CR or LF inside a command is how smuggling begins (RFC 5321 §2.3.8).
    if (line.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos)
        return base::fail(Reply{500, "5.5.2", "Control character in command"});

    const auto space = std::min(line.find(' '), line.size());
    const auto word = line.substr(0, space);
    auto rest = line.substr(space);
    while (rest.starts_with(' '))
        rest.remove_prefix(1);
    while (rest.ends_with(' '))
        rest.remove_suffix(1);  // RFC 5321 §4.1.1 tolerates them

    const auto is = [&](std::string_view known) { return base::sameWord(known, word); };
    const auto* entry = std::ranges::find_if(entries, is, &Entry::word);
    if (entry == std::end(entries)) {
        if (std::ranges::any_of(notImplemented, is))
            return base::fail(Reply{502, "5.5.1", "Command not implemented"});
        return base::fail(Reply{500, "5.5.2", "Unknown command"});
    }
    if (entry->arguments == Arguments::none && !rest.empty())
        return base::fail(Reply{501, "5.5.4", "This command takes no argument"});
    if (entry->arguments == Arguments::required && rest.empty()) return base::fail(syntax(entry->form));
    return Command{entry->verb, rest};
}

base::Result<record::Envelope, Reply> parseMail(std::string_view arguments) {
    const auto path =
        takePath(arguments, "FROM:", "MAIL FROM:<address> [SIZE=n] [BODY=7BIT|8BITMIME]", "5.1.7");
    if (!path) return base::fail(path.error());

    record::Envelope envelope;
    if (!path->inside.empty()) {
        auto sender = record::Mailbox::parse(path->inside);
        if (!sender) return base::fail(Reply{501, "5.1.7", "Bad address: " + sender.error()});
        envelope.sender = std::move(*sender);
    }
    MailParameters parameters;
    for (auto rest = path->rest; !rest.empty();) {
        rest.remove_prefix(1);  // a space
        const auto end = std::min(rest.find(' '), rest.size());
        if (end > 0)
            if (const auto added = addParameter(parameters, rest.substr(0, end)); !added)
                return base::fail(added.error());
        rest.remove_prefix(end);
    }
    envelope.declaredBytes = parameters.size;
    envelope.body = parameters.body.value_or(record::BodyType::sevenBit);
    return envelope;
}

base::Result<record::Mailbox, Reply> parseRcpt(std::string_view arguments, const base::DomainName& ours) {
    const auto path = takePath(arguments, "TO:", "RCPT TO:<address>", "5.1.3");
    if (!path) return base::fail(path.error());
    if (!path->rest.empty()) return base::fail(Reply{555, "5.5.4", "Parameter not supported"});

    auto mailbox = base::sameWord(path->inside, "postmaster") ? record::Mailbox::make("postmaster", ours)
                                                              : record::Mailbox::parse(path->inside);
    if (!mailbox) return base::fail(Reply{501, "5.1.3", "Bad address: " + mailbox.error()});
    return std::move(*mailbox);
}

base::Result<std::string_view, Reply> parseClientName(std::string_view arguments) {
    constexpr std::size_t longest = 255;  // RFC 5321 §4.5.3.1.2
    constexpr std::string_view signs = "-._:[]";
    const bool clean = std::ranges::all_of(
        arguments, [&](char c) { return base::isAlnum(c) || signs.find(c) != std::string_view::npos; });
    if (arguments.empty() || arguments.size() > longest || !clean)
        return base::fail(Reply{501, "5.5.4", "Your name must be a domain name or an address literal"});
    return arguments;
}

}  // namespace postseal::smtp
