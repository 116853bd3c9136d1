#include "mail/header.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <utility>

namespace postseal::mail {
namespace {

constexpr std::size_t longestKept = 4096;  // of a line: enough for a name and for any Message-ID
constexpr std::size_t longestMessageId = 512;

/// The field's name, without the white space that obsolete mail has before the colon (RFC 5322 §4.5); empty:
/// the line is no field.
std::string_view fieldName(std::string_view line) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return {};
    const auto name = base::trim(line.substr(0, colon));
    const bool plain = std::ranges::all_of(name, [](char c) { return base::isPrintable(c) && c != ' '; });
    return plain && line.starts_with(name) ? name : std::string_view();
}

}  // namespace

void HeaderReader::take(std::string_view bytes) {
    while (!done_ && !bytes.empty()) {
        const auto end = bytes.find('\n');
        const bool whole = end != std::string_view::npos;
        const auto piece = bytes.substr(0, whole ? end + 1 : bytes.size());
        bytes.remove_prefix(piece.size());
        lineBytes_ += piece.size();
        if (whole && partial_.empty()) {
            takeLine(piece);
            continue;
        }
        partial_ += piece.substr(0, longestKept - std::min(partial_.size(), longestKept));
        if (!whole) return;
        const auto line = std::exchange(partial_, {});
        takeLine(line);
    }
}

void HeaderReader::finish() {
    if (done_) return;
    if (!partial_.empty()) takeLine(std::exchange(partial_, {}));
    endField();
    done_ = true;
}

void HeaderReader::takeLine(std::string_view line) {
    const auto lineBytes = std::exchange(lineBytes_, 0);
    const auto text = line.substr(0, std::min(line.find_first_of("\r\n"), line.size()));
    const bool continues = !text.empty() && base::isBlank(text.front()) && facts_.bytes != 0;
    const auto name = continues ? std::string_view() : fieldName(text);
    // A line that is no field ends the header as an empty one does. The one exception is the first line of a
    // message in mbox.
    const bool isMailboxLine = !continues && name.empty() && facts_.bytes == 0 &&
                               (text.starts_with("From ") || text.starts_with(">From "));
    facts_.hasMailboxLine = facts_.hasMailboxLine || isMailboxLine;
    if (!continues && name.empty() && !isMailboxLine) {
        endField();
        facts_.isMissing = facts_.bytes == 0 && !text.empty();
        done_ = true;
        return;
    }
    facts_.bytes += lineBytes;
    facts_.has8bit = facts_.has8bit || std::ranges::any_of(text, base::is8bit);
    if (continues) {
        if (kept_ != Kept::none) field_ += text.substr(0, longestKept - std::min(field_.size(), longestKept));
        return;
    }
    endField();
    if (base::sameWord(name, "Received")) ++facts_.received;
    if (base::sameWord(name, "Message-ID") && facts_.messageId.empty()) kept_ = Kept::messageId;
    if (base::sameWord(name, "TLS-Required")) kept_ = Kept::tlsRequired;
    if (base::sameWord(name, "From") && facts_.fromFields++ == 0) kept_ = Kept::from;
    if (kept_ != Kept::none) field_ = text.substr(text.find(':') + 1, longestKept);
}

void HeaderReader::endField() {
    const auto kept = std::exchange(kept_, Kept::none);
    const std::string_view field = field_;
    if (kept == Kept::tlsRequired)  // rule 32
        facts_.tlsOptional = !std::exchange(hasTlsRequired_, true) && base::sameWord(base::trim(field), "No");
    if (kept == Kept::from) facts_.from = base::trim(field);
    if (kept != Kept::messageId) return;
    const auto open = std::min(field.find('<'), field.size());
    const auto close = field.find('>', open);
    const auto id =
        close == std::string_view::npos ? base::trim(field) : field.substr(open, close + 1 - open);
    facts_.messageId = id.substr(0, longestMessageId);
}

HeaderFacts readHeader(std::string_view message) {
    HeaderReader reader;
    reader.take(message);
    reader.finish();
    return reader.facts();
}

std::string_view headerOf(std::string_view message) {
    return message.substr(0, readHeader(message).bytes);
}

}  // namespace postseal::mail
