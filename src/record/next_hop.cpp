#include "record/next_hop.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace postseal::record {
namespace {

using base::fail;
using base::Result;

constexpr std::string_view v6Tag = "IPv6:";
constexpr std::array<std::pair<std::string_view, std::uint16_t>, 4> services{
    {{"smtp", 25}, {"submission", 587}, {"submissions", 465}, {"smtps", 465}}};

Result<std::uint16_t, std::string> parsePort(std::string_view text) {
    for (const auto& [name, port] : services)
        if (base::sameWord(text, name)) return port;
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc() || end != text.data() + text.size() || port == 0)
        return fail("'" + base::escaped(text, 40) + "' is no port from 1 to 65535");
    return port;
}

/// A host or an address as it stands inside the brackets, with or without Postfix's tag of IPv6.
Result<MailDomain, std::string> parseBracketed(std::string_view text) {
    const auto bare = base::startsWithWord(text, v6Tag) ? text.substr(v6Tag.size()) : text;
    if (const auto address = base::IpAddress::parse(bare)) return MailDomain(*address);
    return parseMailDomain(text);
}

}  // namespace

std::string hostText(const NextHop& nextHop) {
    if (const auto* address = std::get_if<base::IpAddress>(&nextHop.host)) return address->toText();
    return std::get<base::DomainName>(nextHop.host).text();
}

std::string toText(const NextHop& nextHop) {
    auto text = hostText(nextHop);
    if (nextHop.lookup == NextHop::Lookup::address) text = '[' + text + ']';
    if (nextHop.port) text += ':' + std::to_string(*nextHop.port);
    return text;
}

Result<NextHop, std::string> NextHop::parse(std::string_view text) {
    const bool bracketed = text.starts_with('[');
    const auto end = text.find(bracketed ? ']' : ':');
    if (bracketed && end == std::string_view::npos)
        return fail(std::string("the closing bracket is missing"));

    auto host = bracketed ? parseBracketed(text.substr(1, end - 1)) : parseMailDomain(text.substr(0, end));
    if (!host) return fail(std::move(host.error()));
    NextHop nextHop{std::move(*host), bracketed ? Lookup::address : Lookup::mx};

    const auto rest = text.substr(end == std::string_view::npos ? text.size() : bracketed ? end + 1 : end);
    if (rest.empty()) return nextHop;
    if (rest.front() != ':') return fail(std::string("only ':' and a port may stand behind the bracket"));
    const auto port = parsePort(rest.substr(1));
    if (!port) return fail(port.error());
    nextHop.port = *port;
    return nextHop;
}

NextHop nextHopOf(const MailDomain& domain) {
    const bool literal = std::holds_alternative<base::IpAddress>(domain);
    return {domain, literal ? NextHop::Lookup::address : NextHop::Lookup::mx};
}

}  // namespace postseal::record
