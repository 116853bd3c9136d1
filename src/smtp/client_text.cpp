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
    if (bodyEnded_) return true;
    const auto bytes = out_.size() - (usesChunks_ && !out_.empty() ? chunkHead : 0);
    // The text seems whole: to be told so spares an empty last chunk, which some servers dislike.
    if (usesChunks_ && envelope_.declaredBytes == textBytes_ + bytes) return false;
    return bytes >= textBlock;
}

/// No further reply is waited for before the next chunk leaves. LMTP's last chunk has a reply for each
/// recipient only if those before were taken, so there each is waited for.
bool ClientSession::mayGoOn() const {
    return state_ == State::body && !refusal_ && offered_.pipelining && dialect_ == Dialect::smtp &&
           chunksDue_ < chunksInFlight;
}

ClientAction ClientSession::speakBody() {
    if (!isGathered()) return NeedBody{};
    deadline_ = std::min(now_ + settings_->deadlines.dataBlock,
                         partBegan_ + settings_->deadlines.dataBlock + slowest());
    const auto bytes = usesChunks_ ? chunk() : std::string_view(out_);
    textBytes_ += usesChunks_ ? out_.size() - chunkHead : out_.size();
    if (bodyEnded_) {
        state_ = State::dataEnd;
        repliesDue_ += dialect_ == Dialect::lmtp ? accepted_ : 1;
    } else if (usesChunks_) {
        ++chunksDue_;
        ++repliesDue_;
    }
    return write(bytes);
}

/// What is gathered, behind its command (RFC 3030 §2).
std::string_view ClientSession::chunk() {
    const auto command = fmt::format("BDAT {}{}\r\n", out_.size() - chunkHead, bodyEnded_ ? " LAST" : "");
    out_.replace(chunkHead - command.size(), command.size(), command);
    return std::string_view(out_).substr(chunkHead - command.size());
}

void ClientSession::body(std::string_view bytes, BodyPart part) {
    if (usesChunks_ && out_.empty()) out_.assign(chunkHead, ' ');
    encoder_.encode(bytes, out_);
    bodyEnded_ = part == BodyPart::last;
    if (bodyEnded_) encoder_.finish(out_);
}

/// How long the text so far may have taken at the least rate.
std::chrono::seconds ClientSession::slowest() const {
    return std::chrono::seconds(textBytes_ / std::max<std::uint64_t>(settings_->deadlines.leastDataRate, 1));
}

}  // namespace postseal::smtp
