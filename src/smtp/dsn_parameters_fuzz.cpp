// DSN parameters: what is taken holds no control character, and is written as it can be read again.
#include "base/ascii.hpp"
#include "base/utf8.hpp"
#include "smtp/dsn_parameters.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

using namespace postseal;
using namespace postseal::smtp;
using record::Utf8;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

std::string_view valueOf(std::string_view parameter) {
    return parameter.substr(parameter.find('=') + 1);
}

void checkOriginal(std::string_view value, Utf8 utf8) {
    const auto original = parseOriginalRecipient(value, utf8);
    if (!original) return;
    require(base::isUtf8(*original) && std::ranges::none_of(*original, base::isControl));
    const auto written = rcptDsnParameters({}, *original);
    require(std::ranges::none_of(written, base::is8bit));
    if (written.empty()) return;  // grown too long
    const auto again = parseOriginalRecipient(valueOf(written), Utf8::refused);
    require(again && *again == *original);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view value(reinterpret_cast<const char*>(data), size);
    checkOriginal(value, Utf8::refused);
    checkOriginal(value, Utf8::allowed);
    if (const auto id = parseEnvelopeId(value)) {
        require(std::ranges::all_of(*id, base::isPrintable) && !id->empty());
        const auto written = mailDsnParameters(record::Returned::unasked, *id);
        const auto again = parseEnvelopeId(valueOf(written));
        require(again ? *again == *id : written.size() > longestEnvelopeId);
    }
    if (const auto notify = parseNotify(value))
        require(parseNotify(valueOf(rcptDsnParameters(*notify, {}))).value() == *notify);
    if (const auto returned = parseReturned(value))
        require(parseReturned(valueOf(mailDsnParameters(*returned, {}))).value() == *returned);
    return 0;
}
