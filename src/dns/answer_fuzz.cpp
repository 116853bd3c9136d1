// Any bytes as the rdata of an answer: first byte the type, second the flags, then records, each with a
// length byte before it.
#include "dns/answer.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace postseal;
    if (size < 2) return 0;
    constexpr dns::Type types[] = {dns::Type::a,   dns::Type::cname, dns::Type::ptr, dns::Type::mx,
                                   dns::Type::txt, dns::Type::aaaa,  dns::Type::tlsa};
    const dns::Question question{*base::DomainName::parse("example.org"), types[data[0] % std::size(types)]};
    dns::Reply reply{.rcode = (data[1] >> 3) % 6,
                     .hasData = (data[1] & 1) != 0,
                     .secure = (data[1] & 2) != 0,
                     .bogus = (data[1] & 4) != 0};
    const auto bytes = std::as_bytes(std::span(data, size)).subspan(2);
    for (std::size_t at = 0; at < bytes.size();) {
        const auto length =
            std::min<std::size_t>(std::to_integer<std::size_t>(bytes[at]), bytes.size() - at - 1);
        reply.rdata.push_back(bytes.subspan(at + 1, length));
        at += 1 + length;
    }
    const auto answer = dns::readReply(question, reply);
    if (reply.bogus && answer.status != dns::Status::failed) std::abort();
    if (answer.status != dns::Status::found && answer.records.index() != 0) std::abort();
    if (answer.status == dns::Status::found && answer.records.index() == 0) std::abort();
    return 0;
}
