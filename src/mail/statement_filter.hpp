// Takes the statements that bear our id out of a message as it comes in, in chunks of any size, so that the
// only ones in it are those that we add (rule 40). All else goes on octet for octet; what is left of the
// header and the text is as it was signed. It looks up to the first empty line, whatever stands before that:
// not all readers end the header where we do. A field is held back until its id is known, at most 8 KiB of
// it. Pure; one message, one filter.
#pragma once

#include "base/domain_name.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace postseal::mail {

class StatementFilter {
public:
    /// `kept`: the message comes from a relay of ours, whose statements stand; they are counted.
    enum class OfOurs { removed, kept };

    StatementFilter(base::DomainName id, OfOurs ofOurs) : id_(std::move(id)), ofOurs_(ofOurs) {}

    /// What goes on of the next octets; a view into them or into the filter, until the next call.
    std::string_view pass(std::string_view bytes);
    /// What was held back when the text ended.
    std::string_view finish();

    /// Fields with our id.
    unsigned removed() const { return removed_; }
    unsigned kept() const { return kept_; }

private:
    enum class Field { held, passing, dropped };
    enum class Before { text, cr, lf };

    void takePiece(std::string_view piece);
    void beginLine(char first);
    void put(std::string_view piece);
    void judge();
    void release();

    base::DomainName id_;
    OfOurs ofOurs_;
    Field field_ = Field::passing;
    Before before_ = Before::lf;
    bool hasBegun_ = false;     // a line of the text has come
    bool isEmptyLine_ = false;  // the CR before stands alone on its line
    bool isDone_ = false;
    unsigned removed_ = 0, kept_ = 0;
    std::string held_;
    std::string passed_;
};

}  // namespace postseal::mail
