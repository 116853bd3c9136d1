#include "mail/statement_filter.hpp"

#include "base/ascii.hpp"
#include "mail/statement_id.hpp"

namespace postseal::mail {
namespace {

constexpr std::size_t longestHeld = 8192;

}  // namespace

std::string_view StatementFilter::pass(std::string_view bytes) {
    if (isDone_) return bytes;
    passed_.clear();
    while (!isDone_ && !bytes.empty()) {
        const auto end = bytes.find_first_of("\r\n");
        const auto piece = bytes.substr(0, end == std::string_view::npos ? end : end + 1);
        bytes.remove_prefix(piece.size());
        takePiece(piece);
    }
    passed_ += bytes;
    return passed_;
}

std::string_view StatementFilter::finish() {
    passed_.clear();
    judge();
    isDone_ = true;
    return passed_;
}

/// The octets of a line, or of a part of it, with the CR or the LF at its end. A CR alone ends a line for
/// some readers and not for others, so it ends one here; but the header ends only where an LF ends an empty
/// line.
void StatementFilter::takePiece(std::string_view piece) {
    const char first = piece.front();
    if (first == '\n' && before_ != Before::text) {
        isDone_ = before_ == Before::lf || isEmptyLine_;
        if (isDone_) {
            judge();
            field_ = Field::passing;
        }
    } else if (before_ != Before::text) {
        beginLine(first);
    }
    isEmptyLine_ = first == '\r' && before_ == Before::lf;
    put(piece);
    before_ = piece.back() == '\n' ? Before::lf : piece.back() == '\r' ? Before::cr : Before::text;
    hasBegun_ = true;
}

void StatementFilter::beginLine(char first) {
    if (base::isBlank(first) && hasBegun_) return;  // it continues the field
    judge();
    field_ = first == '\r' ? Field::passing : Field::held;
}

void StatementFilter::put(std::string_view piece) {
    switch (field_) {
    case Field::dropped: return;
    case Field::passing: passed_ += piece; return;
    case Field::held: break;
    }
    held_ += piece;
    if (isStatement(held_) == IsStatement::no) return release();
    if (held_.size() > longestHeld) judge();
}

/// The field that is held is whole, or long enough to be judged by its beginning.
void StatementFilter::judge() {
    if (field_ != Field::held) return;
    const auto extent = held_.size() > longestHeld ? Extent::cut : Extent::whole;
    bool isOurs = false;
    switch (isStatement(held_)) {
    case IsStatement::no: break;
    case IsStatement::notYetKnown: isOurs = extent == Extent::cut; break;
    case IsStatement::yes:
        isOurs = bearsId(std::string_view(held_).substr(held_.find(':') + 1), extent, id_);
        break;
    }
    if (!isOurs) return release();
    if (ofOurs_ == OfOurs::kept) {
        ++kept_;
        return release();
    }
    ++removed_;
    held_.clear();
    field_ = Field::dropped;
}

void StatementFilter::release() {
    passed_ += held_;
    held_.clear();
    field_ = Field::passing;
}

}  // namespace postseal::mail
