#include "base/utf8.hpp"
#include "mail/dsn.hpp"
#include "mail/field.hpp"
#include "mail/header.hpp"
#include "mail/language.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
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

    languageOf(text);
    if (!postseal::base::isUtf8(readable(text))) std::abort();
    Dsn dsn;
    dsn.host = "mx.example.org";
    dsn.id = postseal::record::QueueId::make(postseal::base::Timestamp{}, 1);
    dsn.about = dsn.id;
    dsn.languages = {postseal::record::Language::german, postseal::record::Language::english};
    dsn.smtpUtf8 = data[0] % 2 == 0;
    dsn.envelopeId = text;
    const std::string foreign(text);
    DsnRecipient recipient{.address = foreign, .original = foreign, .status = foreign};
    recipient.remote = recipient.reply = recipient.reason = foreign;
    dsn.recipients.push_back(std::move(recipient));
    dsn.original = "Subject: x\r\n\r\n";
    const auto written = writeDsn(dsn, postseal::record::Mailbox::parse("a@example.org").value()).text;
    for (std::size_t at = written.find('\n'); at != std::string::npos; at = written.find('\n', at + 1))
        if (written[at - 1] != '\r') std::abort();
    return 0;
}
