// The part of a report that people read. Pure.
#pragma once

#include "mail/dsn.hpp"
#include "mail/dsn_words.hpp"

#include <string>
#include <string_view>

namespace postseal::mail {

const DsnWords& wordsIn(record::Language language);

/// Of all its languages, one after the other: UTF-8, lines that end in CRLF.
std::string wordsOf(const Dsn& dsn);

/// Foreign text on one line: escaped and bounded (rule 55).
std::string foreign(std::string_view text);

}  // namespace postseal::mail
