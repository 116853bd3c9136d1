// The text of a message on its way out: with DATA, or in chunks with BDAT (RFC 3030).
#include "smtp/client_session.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace postseal::smtp {
namespace {

using namespace client_action;

constexpr std::size_t textBlock = 65536;  // octets of text gathered for one write; a chunk of BDAT
constexpr std::size_t chunkHead = 32;     // room before them for `BDAT 65536 LAST`
// Chunks whose replies may be due while the next leaves: a refusal is heard within a megabyte, and the
// replies fit any buffer, so that never both sides wait to write.
constexpr std::size_t chunksInFlight = 16;

}  // namespace

/// Enough for one write.
bool ClientSession::isGathered() const {
    if (text_.ended) return true;
    const bool usesChunks = transaction_.usesChunks;
    const auto bytes = out_.size() - (usesChunks && !out_.empty() ? chunkHead : 0);
    // The text seems whole: to be told so spares an empty last chunk, which some servers dislike.
    if (usesChunks && transaction_.envelope.declaredBytes == text_.bytes + bytes) return false;
    return bytes >= textBlock;
}

/// No further reply is waited for before the next chunk leaves. LMTP's last chunk has a reply for each
/// recipient only if those before were taken, so there each is waited for.
bool ClientSession::mayGoOn() const {
    return state_ == State::body && !text_.refusal && offered_.pipelining && dialect_ == Dialect::smtp &&
           text_.chunksDue < chunksInFlight;
}

ClientAction ClientSession::speakBody() {
    if (!isGathered()) return NeedBody{};
    deadline_ = std::min(now_ + settings_->deadlines.dataBlock,
                         text_.began + settings_->deadlines.dataBlock + slowest());
    const bool usesChunks = transaction_.usesChunks;
    const auto bytes = usesChunks ? chunk() : std::string_view(out_);
    text_.bytes += usesChunks ? out_.size() - chunkHead : out_.size();
    if (text_.ended) {
        state_ = State::dataEnd;
        repliesDue_ += dialect_ == Dialect::lmtp ? transaction_.accepted : 1;
    } else if (usesChunks) {
        ++text_.chunksDue;
        ++repliesDue_;
    }
    return write(bytes);
}

/// What is gathered, behind its command (RFC 3030 §2).
std::string_view ClientSession::chunk() {
    const auto command = fmt::format("BDAT {}{}\r\n", out_.size() - chunkHead, text_.ended ? " LAST" : "");
    out_.replace(chunkHead - command.size(), command.size(), command);
    return std::string_view(out_).substr(chunkHead - command.size());
}

void ClientSession::body(std::string_view bytes, BodyPart part) {
    if (transaction_.usesChunks && out_.empty()) out_.assign(chunkHead, ' ');
    text_.encoder.encode(bytes, out_);
    text_.ended = part == BodyPart::last;
    if (text_.ended) text_.encoder.finish(out_);
}

/// How long the text so far may have taken at the least rate.
std::chrono::seconds ClientSession::slowest() const {
    return std::chrono::seconds(text_.bytes / std::max<std::uint64_t>(settings_->deadlines.leastDataRate, 1));
}

}  // namespace postseal::smtp
