#include "smtp/command.hpp"

#include "base/ascii.hpp"
#include "base/utf8.hpp"
#include "smtp/address.hpp"
#include "smtp/parameters.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>

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
    {"MAIL", Verb::mail, Arguments::required,
     "MAIL FROM:<address> [SIZE=octets] [BODY=7BIT|8BITMIME] [SMTPUTF8] [REQUIRETLS] [RET=FULL|HDRS] "
     "[ENVID=xtext]"},
    {"RCPT", Verb::rcpt, Arguments::required,
     "RCPT TO:<address> [NOTIFY=NEVER|SUCCESS,FAILURE,DELAY] [ORCPT=type;xtext]"},
    {"DATA", Verb::data, Arguments::none, "DATA"},
    {"BDAT", Verb::bdat, Arguments::optional, "BDAT octets [LAST]"},
    {"RSET", Verb::rset, Arguments::none, "RSET"},
    {"NOOP", Verb::noop, Arguments::optional, "NOOP"},
    {"VRFY", Verb::vrfy, Arguments::required, "VRFY address [SMTPUTF8]"},
    {"HELP", Verb::help, Arguments::optional, "HELP [command]"},
    {"QUIT", Verb::quit, Arguments::none, "QUIT"},
};
static_assert(std::size(entries) == verbCount);
// Commands of the standards that we know and don't have (RFC 5321 §4.2.4: 502, not 500).
constexpr std::string_view notImplemented[] = {"AUTH", "EXPN", "ETRN", "TURN", "SEND", "SOML", "SAML"};

Reply syntax(std::string_view form) {
    return {501, "5.5.4", "Syntax: " + std::string(form)};
}

/// Who reads the reply or the log sees what was sent: `Bad address <a..b@example.org>: ...`
Reply badAddress(std::string_view enhanced, std::string_view text, std::string_view why) {
    return {501, std::string(enhanced),
            fmt::format("Bad address {}: {}", base::escaped(text, quotedBytes), why)};
}
Reply badAddress(std::string_view enhanced, const PathText& path, std::string_view why) {
    return badAddress(enhanced, fmt::format("<{}>", path.inside), why);
}

const Entry* findEntry(std::string_view word) {
    const auto* entry = std::ranges::find_if(
        entries, [&](std::string_view known) { return base::sameWord(known, word); }, &Entry::word);
    return entry == std::end(entries) ? nullptr : entry;
}

const Entry& entryOf(Verb verb) {
    return *std::ranges::find(entries, verb, &Entry::verb);
}

// The address of MAIL or RCPT, and what stands behind it.
base::Result<PathText, Reply> takePath(std::string_view arguments, std::string_view keyword, Verb verb,
                                       std::string_view enhanced) {
    const auto form = entryOf(verb).form;
    if (!base::startsWithWord(arguments, keyword)) return base::fail(syntax(form));
    const auto text = arguments.substr(keyword.size());
    if (!text.empty() && base::isBlank(text.front()))  // RFC 5321 §3.3
        return base::fail(Reply{501, "5.5.2", fmt::format("No space may stand behind \"{}\"", keyword)});
    auto path = splitPath(text);
    if (!path) return base::fail(badAddress(enhanced, text, path.error()));
    if (!path->rest.empty() && !path->rest.starts_with(' ')) return base::fail(syntax(form));
    return *path;
}

// U-labels in the domain need SMTPUTF8 as well, though we keep A-labels (RFC 6531 §3.7.1).
std::optional<Reply> utf8Trouble(std::string_view address, record::Utf8 utf8) {
    if (utf8 == record::Utf8::allowed || std::ranges::none_of(address, base::is8bit)) return std::nullopt;
    return Reply{553, "5.6.7",
                 fmt::format("<{}> has characters beyond ASCII, which need SMTPUTF8 at MAIL",
                             base::escaped(address, quotedBytes))};
}

}  // namespace

std::string_view toText(Verb verb) {
    return entryOf(verb).word;
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

    const auto* const entry = findEntry(word);
    if (entry == nullptr) {
        for (const auto known : notImplemented)
            if (base::sameWord(known, word))
                return base::fail(Reply{502, "5.5.1", fmt::format("{} is not implemented", known)});
        // It is not quoted: a client that takes our refusal of AUTH for a challenge sends its password here.
        return base::fail(Reply{500, "5.5.2", "Unknown command"});
    }
    if (entry->arguments == Arguments::none && !rest.empty())
        return base::fail(Reply{501, "5.5.4", fmt::format("{} takes no argument", entry->word)});
    if (entry->arguments == Arguments::required && rest.empty()) return base::fail(syntax(entry->form));
    return Command{entry->verb, rest};
}

std::optional<Verb> verbOf(std::string_view line) {
    const auto* const entry = findEntry(line.substr(0, line.find(' ')));
    return entry == nullptr ? std::nullopt : std::optional(entry->verb);
}

base::Result<record::Envelope, Reply> parseMail(std::string_view arguments, Parameters parameters) {
    const auto path = takePath(arguments, "FROM:", Verb::mail, "5.1.7");
    if (!path) return base::fail(path.error());
    record::Envelope envelope;
    if (const auto taken = takeMailParameters(path->rest, parameters, envelope); !taken)
        return base::fail(taken.error());
    const auto utf8 = envelope.smtpUtf8 ? record::Utf8::allowed : record::Utf8::refused;
    if (auto trouble = utf8Trouble(path->inside, utf8)) return base::fail(std::move(*trouble));
    if (path->inside.empty()) return envelope;

    auto sender = record::Mailbox::parse(path->inside, utf8);
    if (!sender) return base::fail(badAddress("5.1.7", *path, sender.error()));
    envelope.sender = std::move(*sender);
    return envelope;
}

base::Result<record::Recipient, Reply> parseRcpt(std::string_view arguments, const RcptRules& rules) {
    const auto path = takePath(arguments, "TO:", Verb::rcpt, "5.1.3");
    if (!path) return base::fail(path.error());
    if (auto trouble = utf8Trouble(path->inside, rules.utf8)) return base::fail(std::move(*trouble));
    auto mailbox = base::sameWord(path->inside, "postmaster")
                       ? record::Mailbox::make("postmaster", rules.postmasterDomain)
                       : record::Mailbox::parse(path->inside, rules.utf8);
    if (!mailbox) return base::fail(badAddress("5.1.3", *path, mailbox.error()));
    record::Recipient recipient{std::move(*mailbox)};
    if (const auto taken = takeRcptParameters(path->rest, rules, recipient); !taken)
        return base::fail(taken.error());
    return recipient;
}

base::Result<Chunk, Reply> parseBdat(std::string_view arguments) {
    const auto digits = arguments.substr(0, arguments.find(' '));
    auto rest = arguments.substr(digits.size());
    while (rest.starts_with(' '))
        rest.remove_prefix(1);
    Chunk chunk{0, base::sameWord(rest, "LAST")};
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), chunk.bytes);
    const bool isNumber = parsed.ec == std::errc() && parsed.ptr == digits.data() + digits.size();
    if (!isNumber || (!rest.empty() && !chunk.isLast)) return base::fail(syntax(entryOf(Verb::bdat).form));
    return chunk;
}

base::Result<void, Reply> parseVrfy(std::string_view arguments) {
    constexpr std::string_view parameter = " SMTPUTF8";
    const auto words = arguments.size() - std::min(arguments.size(), parameter.size());
    const bool utf8 = base::sameWord(arguments.substr(words), parameter);
    const auto address = arguments.substr(0, utf8 ? words : arguments.size());
    if (!utf8 && std::ranges::any_of(address, base::is8bit))
        return base::fail(Reply{553, "5.6.7", "An address with characters beyond ASCII needs SMTPUTF8"});
    if (!base::isUtf8(address)) return base::fail(syntax(entryOf(Verb::vrfy).form));
    return {};
}

Reply help(std::string_view arguments) {
    std::string words;
    for (const auto& entry : entries) {
        if (base::sameWord(entry.word, arguments)) return {214, "2.0.0", std::string(entry.form)};
        words += (words.empty() ? "" : " ") + std::string(entry.word);
    }
    if (!arguments.empty()) return {504, "5.5.4", "There is no help on that; HELP alone lists the commands"};
    return {214, "2.0.0", words};
}

base::Result<std::string_view, Reply> parseClientName(std::string_view arguments) {
    constexpr std::size_t longest = 255;  // RFC 5321 §4.5.3.1.2
    constexpr std::string_view signs = "-._:[]";
    const bool clean = std::ranges::all_of(
        arguments, [&](char c) { return base::isAlnum(c) || signs.find(c) != std::string_view::npos; });
    if (arguments.empty() || arguments.size() > longest || !clean)
        return base::fail(Reply{501, "5.5.4",
                                fmt::format("\"{}\" is no domain name and no address literal: say your name",
                                            base::escaped(arguments, quotedBytes))});
    return arguments;
}

}  // namespace postseal::smtp
