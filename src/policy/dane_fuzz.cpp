// Any bytes as the rdata of TLSA records, each with a length byte before it: read, sifted for use and digest,
// made a claim.
#include "policy/dane.hpp"

#include <algorithm>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace postseal;
    const auto bytes = std::as_bytes(std::span(data, size));
    dns::Reply reply{.hasData = true, .secure = true};
    for (std::size_t at = 0; at < bytes.size();) {
        const auto length =
            std::min<std::size_t>(std::to_integer<std::size_t>(bytes[at]), bytes.size() - at - 1);
        reply.rdata.push_back(bytes.subspan(at + 1, length));
        at += 1 + length;
    }
    dns::RouteHost host{.name = "mx.example.org"};
    host.v4 = {dns::Status::found, record::DnssecStatus::secure};
    policy::DaneLookup lookup(host, 25);
    lookup.answered({dns::readReply(lookup.questions().front(), reply)});
    if (!lookup.questions().empty()) std::abort();

    const auto& finding = lookup.finding();
    const auto& usable = finding.usable;
    if (!std::ranges::all_of(usable, policy::isUsable)) std::abort();
    if (policy::withDigestAgility(usable) != usable) std::abort();
    for (const auto& record : usable)
        if (record::parseTlsa(toText(record)) != record) std::abort();
    const auto claim = policy::daneClaim(finding, {"example.org", "mx.example.org"}, {});
    if (claim.has_value() != (finding.kind == policy::DaneFinding::Kind::records)) std::abort();
    return 0;
}
