// Any bytes as the answer to a question: the first byte is the type, then the message.
#include "dns/message.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace postseal;
    if (size < 3) return 0;
    constexpr dns::Type types[] = {dns::Type::a,   dns::Type::cname, dns::Type::ptr, dns::Type::mx,
                                   dns::Type::txt, dns::Type::aaaa,  dns::Type::tlsa};
    const dns::Question question{*base::DomainName::parse("example.org"), types[data[0] % std::size(types)]};
    const auto message = std::as_bytes(std::span(data, size)).subspan(1);
    const auto id = static_cast<std::uint16_t>(data[1] << 8U | data[2]);
    dns::readKeysAnswer(id, message);
    const auto read = dns::readAnswer(question, id, message);
    if (const auto* answer = std::get_if<dns::Answer>(&read)) {
        if (answer->status == dns::Status::found && answer->records.index() == 0) std::abort();
        if (answer->status != dns::Status::found && answer->records.index() != 0) std::abort();
    }
    return 0;
}
