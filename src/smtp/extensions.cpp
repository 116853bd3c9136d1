#include "smtp/extensions.hpp"

#include "base/ascii.hpp"

#include <charconv>

namespace postseal::smtp {

std::vector<std::string> toLines(const Extensions& extensions) {
    std::vector<std::string> lines;
    if (extensions.pipelining) lines.emplace_back("PIPELINING");
    if (extensions.size) lines.push_back("SIZE " + std::to_string(*extensions.size));
    if (extensions.startTls) lines.emplace_back("STARTTLS");
    if (extensions.enhancedStatusCodes) lines.emplace_back("ENHANCEDSTATUSCODES");
    if (extensions.eightBitMime) lines.emplace_back("8BITMIME");
    if (extensions.dsn) lines.emplace_back("DSN");
    if (extensions.smtpUtf8) lines.emplace_back("SMTPUTF8");
    if (extensions.chunking) lines.emplace_back("CHUNKING");
    if (extensions.requireTls) lines.emplace_back("REQUIRETLS");
    return lines;
}

void addLine(Extensions& extensions, std::string_view line) {
    line = base::trim(line);
    const auto keyword = line.substr(0, line.find(' '));
    const auto arguments = base::trim(line.substr(keyword.size()));

    if (base::sameWord(keyword, "SIZE")) {
        std::uint64_t bytes = 0;
        const auto [end, error] =
            std::from_chars(arguments.data(), arguments.data() + arguments.size(), bytes);
        if (arguments.empty() || (error == std::errc() && end == arguments.data() + arguments.size()))
            extensions.size = bytes;
        return;
    }
    if (base::sameWord(keyword, "SMTPUTF8"))
        extensions.smtpUtf8 = true;  // RFC 6531 §3.1 (3): whatever follows
    if (!arguments.empty()) return;
    if (base::sameWord(keyword, "PIPELINING")) extensions.pipelining = true;
    if (base::sameWord(keyword, "STARTTLS")) extensions.startTls = true;
    if (base::sameWord(keyword, "8BITMIME")) extensions.eightBitMime = true;
    if (base::sameWord(keyword, "ENHANCEDSTATUSCODES")) extensions.enhancedStatusCodes = true;
    if (base::sameWord(keyword, "DSN")) extensions.dsn = true;
    if (base::sameWord(keyword, "CHUNKING")) extensions.chunking = true;
    if (base::sameWord(keyword, "REQUIRETLS")) extensions.requireTls = true;
}

}  // namespace postseal::smtp
