// The text of a message in a session, by DATA or by BDAT: the third part of server_session.cpp.
#include "smtp/server_session.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

namespace postseal::smtp {
namespace {

constexpr std::string_view endOfMessage = "END-OF-MESSAGE";

}  // namespace

void ServerSession::refuseText(Reply why) {
    stage_ = endOfMessage;
    text_.refusal = std::move(why);
    text_.dropping = true;
}

// A client that goes on this far never looks at our replies.
bool ServerSession::isFarTooLong(std::uint64_t more) const {
    const auto limit = settings_->limits.messageBytes;
    return limit > 0 && (more > std::numeric_limits<std::uint64_t>::max() - text_.bytes ||
                         (text_.bytes + more) / 2 >= limit);
}

// Why the text, as far as it has come, must be refused.
std::optional<Reply> ServerSession::textFault() const {
    if (text_.refusal) return text_.refusal;
    switch (text_.chunking ? text_.lines.fault() : text_.decoder.fault()) {
    case TextFault::bareLf: return Reply{550, "5.6.0", "Bare LF in the message: CRLF alone ends a line"};
    case TextFault::bareCr: return Reply{550, "5.6.0", "Bare CR in the message: CRLF alone ends a line"};
    case TextFault::lineTooLong: return Reply{550, "5.6.0", "Line too long in the message"};
    case TextFault::none: break;
    }
    const auto limit = settings_->limits.messageBytes;
    if (limit > 0 && text_.bytes > limit) return Reply{552, "5.3.4", "Message exceeds the size limit"};
    return std::nullopt;
}

// A piece of text goes to the driver, unless it will be refused.
std::optional<ServerAction> ServerSession::hand(std::string_view text) {
    if (text_.dropping) return std::nullopt;
    if (auto fault = textFault()) {
        stage_ = endOfMessage;
        text_.dropping = true;
        return action::Discard{std::move(fault)};
    }
    if (text.empty()) return std::nullopt;
    return action::Body{text};
}

std::optional<ServerAction> ServerSession::endOfText() {
    if (const auto fault = textFault()) {
        const bool isNew = !std::exchange(text_.faultTold, true);
        forgetTransaction();
        phase_ = Phase::command;
        if (isNew)
            tell(*fault);
        else
            repeat(*fault);
        return std::nullopt;
    }
    stage_ = endOfMessage;
    phase_ = Phase::store;
    return action::Store{transaction_.envelope};  // kept until stored(), for the log
}

// DATA --------------------------------------------------------------------------------------------------

void ServerSession::data() {
    text_.waited = {};
    phase_ = Phase::text;
    say({354, "", "End data with <CR><LF>.<CR><LF>"});
}

std::optional<ServerAction> ServerSession::takeText(base::Tick now) {
    if (!output_.empty()) return write(now);  // the 354
    if (text_.ended) return endOfText();
    if (unread().empty()) return read(now);

    const auto text = gatherText();
    if (isFarTooLong(0)) {
        endRefusing({552, "5.3.4", "Message is far over the size limit, closing the connection"});
        return std::nullopt;
    }
    if (auto action = hand(text)) return action;
    if (text_.ended) return endOfText();
    return read(now);
}

// The text in the unread input, put together in place where dots are taken out of it.
std::string_view ServerSession::gatherText() {
    const auto begin = taken_;
    auto end = begin;
    while (true) {
        const auto decoded = text_.decoder.decode(unread());
        if (decoded.consumed == 0) break;
        if (end != taken_ || decoded.text.data() != input_.data() + end)
            std::memmove(input_.data() + end, decoded.text.data(), decoded.text.size());
        end += decoded.text.size();
        taken_ += decoded.consumed;
        text_.ended = decoded.ended;
        if (text_.ended) break;
    }
    text_.bytes += end - begin;
    return std::string_view(input_).substr(begin, end - begin);
}

// BDAT (RFC 3030 §2) --------------------------------------------------------------------------------------

// Whatever the reply will be, the octets of the chunk are read first: they are no commands. Where their
// number can't be known, nothing of what follows can be believed, and the session ends.
void ServerSession::bdat(std::string_view arguments, std::optional<Reply> refusal) {
    const auto chunk = parseBdat(arguments);
    if (!chunk) return endRefusing(chunk.error());
    if (!text_.chunking) text_ = Text(settings_->limits.textLine);
    if (isFarTooLong(chunk->bytes))
        return endRefusing({552, "5.3.4", "Message is far over the size limit, closing the connection"});
    if (refusal) {
        refusals_.push_back({stage_, *refusal});
        text_.refusal = std::move(refusal);
        text_.dropping = true;
    } else {
        text_.chunking = true;
    }
    // Pieces of some size are progress of a text and no burden, however many a large message has.
    constexpr std::uint64_t goodPiece = 256;
    if (text_.chunking && chunk->bytes >= goodPiece) --commands_;
    text_.chunkLeft = chunk->bytes;
    text_.chunkIsLast = chunk->isLast;
    phase_ = Phase::chunk;
}

std::optional<ServerAction> ServerSession::takeChunk(base::Tick now) {
    if (text_.chunkLeft == 0) return endOfChunk();
    if (unread().empty()) return output_.empty() ? read(now) : write(now);
    const auto text = unread().substr(0, std::min<std::uint64_t>(text_.chunkLeft, unread().size()));
    taken_ += text.size();
    text_.chunkLeft -= text.size();
    text_.bytes += text.size();
    text_.lines.take(text);
    return hand(text);
}

std::optional<ServerAction> ServerSession::endOfChunk() {
    if (!text_.chunking) {  // it had no place here
        phase_ = Phase::command;
        tell(*std::exchange(text_.refusal, std::nullopt));
        text_.dropping = false;
        return std::nullopt;
    }
    if (text_.chunkIsLast) {
        if (text_.lines.isAtLineStart()) return endOfText();
        // What we keep ends in CRLF, as what came by DATA does.
        text_.lines.endLine();
        text_.bytes += 2;
        return hand("\r\n");
    }
    phase_ = Phase::command;
    if (const auto fault = textFault()) {
        if (std::exchange(text_.faultTold, true))
            repeat(*fault);
        else
            tell(*fault);
        return std::nullopt;
    }
    say({250, "2.0.0", "Ok: " + std::to_string(text_.bytes) + " octets so far"});
    return std::nullopt;
}

}  // namespace postseal::smtp
