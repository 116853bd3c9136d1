#include "record/transport.hpp"

#include <utility>

namespace postseal::record {
namespace {

using base::fail;
using Parsed = base::Result<Transport, std::string>;

constexpr std::string_view lmtpPrefix = "lmtp:";
constexpr std::string_view unixPrefix = "unix:";
constexpr std::string_view maildirPrefix = "maildir:";

Parsed parseLmtp(std::string_view text) {
    if (text.starts_with(unixPrefix)) {
        const auto path = text.substr(unixPrefix.size());
        if (!path.starts_with('/')) return fail(std::string("the socket's path is not absolute"));
        return Lmtp{UnixSocket{std::string(path)}};
    }
    auto hop = NextHop::parse(text);
    if (!hop) return fail(std::move(hop.error()));
    hop->lookup = NextHop::Lookup::address;
    return Lmtp{std::move(*hop)};
}

struct Text {
    std::string operator()(const NextHop& nextHop) const { return toText(nextHop); }
    std::string operator()(const Lmtp& lmtp) const {
        if (const auto* local = std::get_if<UnixSocket>(&lmtp.at)) return "lmtp:unix:" + local->path;
        return "lmtp:" + toText(std::get<NextHop>(lmtp.at));
    }
    std::string operator()(const Maildir& maildir) const { return "maildir:" + maildir.domain.text(); }
};

}  // namespace

std::string toText(const Transport& transport) {
    return std::visit(Text{}, transport);
}

Parsed parseTransport(std::string_view text) {
    if (text.starts_with(lmtpPrefix)) return parseLmtp(text.substr(lmtpPrefix.size()));
    if (text.starts_with(maildirPrefix)) {
        auto domain = base::DomainName::parse(text.substr(maildirPrefix.size()));
        if (!domain) return fail("the domain " + domain.error());
        return Maildir{std::move(*domain)};
    }
    auto hop = NextHop::parse(text);
    if (!hop) return fail(std::move(hop.error()));
    return std::move(*hop);
}

}  // namespace postseal::record
