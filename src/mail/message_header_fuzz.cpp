#include "mail/dsn.hpp"
#include "mail/header.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

/// The same bytes in other chunks give the same facts; what the header gives never breaks a bounce's lines.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace postseal::mail;
    if (size == 0) return 0;
    const std::size_t chunk = 1 + data[0] % 7;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    HeaderReader reader;
    for (std::size_t at = 0; at < text.size(); at += chunk)
        reader.take(text.substr(at, chunk));
    reader.finish();
    if (reader.facts() != readHeader(text) || headerOf(text).size() > text.size()) std::abort();

    Bounce bounce;
    bounce.host = "mx.example.org";
    bounce.id = postseal::record::QueueId::make(postseal::base::Timestamp{}, 1);
    bounce.about = bounce.id;
    bounce.failed.push_back(
        {"a@b.example", std::string(text), std::string(text), std::string(text), std::string(text)});
    bounce.originalHeader = "Subject: x\r\n\r\n";
    const auto written = writeBounce(bounce, postseal::record::Mailbox::parse("a@example.org").value()).text;
    for (std::size_t at = written.find('\n'); at != std::string::npos; at = written.find('\n', at + 1))
        if (written[at - 1] != '\r') std::abort();
    return 0;
}
