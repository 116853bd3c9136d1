// The text of a message in a session, by DATA or by BDAT: the third part of server_session.cpp.
#include "smtp/server_session.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

namespace postseal::smtp {

void ServerSession::beginText() {
    decoder_ = DataDecoder(settings_->limits.textLine);
    lines_ = ChunkLines(settings_->limits.textLine);
    textBytes_ = 0;
    textWaited_ = {};
    textEnded_ = dropping_ = faultTold_ = false;
    textRefusal_.reset();
}

void ServerSession::refuseText(Reply why) {
    textRefusal_ = std::move(why);
    dropping_ = true;
}

// A client that goes on this far never looks at our replies.
bool ServerSession::isFarTooLong(std::uint64_t more) const {
    const auto limit = settings_->limits.messageBytes;
    return limit > 0 && (more > std::numeric_limits<std::uint64_t>::max() - textBytes_ ||
                         (textBytes_ + more) / 2 >= limit);
}

// Why the text, as far as it has come, must be refused.
std::optional<Reply> ServerSession::textFault() const {
    if (textRefusal_) return textRefusal_;
    switch (chunking_ ? lines_.fault() : decoder_.fault()) {
    case TextFault::bareLf: return Reply{550, "5.6.0", "Bare LF in the message: CRLF alone ends a line"};
    case TextFault::bareCr: return Reply{550, "5.6.0", "Bare CR in the message: CRLF alone ends a line"};
    case TextFault::lineTooLong: return Reply{550, "5.6.0", "Line too long in the message"};
    case TextFault::none: break;
    }
    const auto limit = settings_->limits.messageBytes;
    if (limit > 0 && textBytes_ > limit) return Reply{552, "5.3.4", "Message exceeds the size limit"};
    return std::nullopt;
}

// A piece of text goes to the driver, unless it will be refused.
std::optional<ServerAction> ServerSession::hand(std::string_view text) {
    if (dropping_) return std::nullopt;
    if (auto fault = textFault()) {
        dropping_ = true;
        return action::Discard{std::move(fault)};
    }
    if (text.empty()) return std::nullopt;
    return action::Body{text};
}

std::optional<ServerAction> ServerSession::endOfText() {
    if (const auto fault = textFault()) {
        const bool isNew = !std::exchange(faultTold_, true);
        forgetTransaction();
        phase_ = Phase::command;
        if (isNew)
            say(*fault);
        else
            repeat(*fault);
        return std::nullopt;
    }
    phase_ = Phase::store;
    return action::Store{envelope_};  // kept until stored(), for the log
}

// DATA --------------------------------------------------------------------------------------------------

void ServerSession::data() {
    beginText();
    phase_ = Phase::text;
    say({354, "", "End data with <CR><LF>.<CR><LF>"});
}

std::optional<ServerAction> ServerSession::takeText(base::Tick now) {
    if (!output_.empty()) return write(now);  // the 354
    if (textEnded_) return endOfText();
    if (unread().empty()) return read(now);

    const auto text = gatherText();
    if (isFarTooLong(0)) {
        end({552, "5.3.4", "Message is far over the size limit, closing the connection"});
        return std::nullopt;
    }
    if (auto action = hand(text)) return action;
    if (textEnded_) return endOfText();
    return read(now);
}

// The text in the unread input, put together in place where dots are taken out of it.
std::string_view ServerSession::gatherText() {
    const auto begin = taken_;
    auto end = begin;
    while (true) {
        const auto decoded = decoder_.decode(unread());
        if (decoded.consumed == 0) break;
        if (end != taken_ || decoded.text.data() != input_.data() + end)
            std::memmove(input_.data() + end, decoded.text.data(), decoded.text.size());
        end += decoded.text.size();
        taken_ += decoded.consumed;
        textEnded_ = decoded.ended;
        if (textEnded_) break;
    }
    textBytes_ += end - begin;
    return std::string_view(input_).substr(begin, end - begin);
}

// BDAT (RFC 3030 §2) --------------------------------------------------------------------------------------

// Whatever the reply will be, the octets of the chunk are read first: they are no commands. Where their
// number can't be known, nothing of what follows can be believed, and the session ends.
void ServerSession::bdat(std::string_view arguments, std::optional<Reply> refusal) {
    const auto chunk = parseBdat(arguments);
    if (!chunk) return end(chunk.error());
    if (!chunking_) beginText();
    if (isFarTooLong(chunk->bytes))
        return end({552, "5.3.4", "Message is far over the size limit, closing the connection"});
    if (refusal)
        refuseText(std::move(*refusal));
    else
        chunking_ = true;
    // Pieces of some size are progress of a text and no burden, however many a large message has.
    constexpr std::uint64_t goodPiece = 256;
    if (chunking_ && chunk->bytes >= goodPiece) --commands_;
    chunkLeft_ = chunk->bytes;
    chunkIsLast_ = chunk->isLast;
    phase_ = Phase::chunk;
}

std::optional<ServerAction> ServerSession::takeChunk(base::Tick now) {
    if (chunkLeft_ == 0) return endOfChunk();
    if (unread().empty()) return output_.empty() ? read(now) : write(now);
    const auto text = unread().substr(0, std::min<std::uint64_t>(chunkLeft_, unread().size()));
    taken_ += text.size();
    chunkLeft_ -= text.size();
    textBytes_ += text.size();
    lines_.take(text);
    return hand(text);
}

std::optional<ServerAction> ServerSession::endOfChunk() {
    if (!chunking_) {  // it had no place here
        phase_ = Phase::command;
        say(*std::exchange(textRefusal_, std::nullopt));
        dropping_ = false;
        return std::nullopt;
    }
    if (chunkIsLast_) {
        if (lines_.isAtLineStart()) return endOfText();
        // What we keep ends in CRLF, as what came by DATA does.
        lines_.endLine();
        textBytes_ += 2;
        return hand("\r\n");
    }
    phase_ = Phase::command;
    if (const auto fault = textFault()) {
        if (std::exchange(faultTold_, true))
            repeat(*fault);
        else
            say(*fault);
        return std::nullopt;
    }
    say({250, "2.0.0", "Ok: " + std::to_string(textBytes_) + " octets so far"});
    return std::nullopt;
}

}  // namespace postseal::smtp
