// What the lines of both policy maps are made of: words, protocols, grades of ciphers. Errors are the words
// of a fault. Within this room only.
#pragma once

#include "base/ascii.hpp"
#include "base/result.hpp"
#include "policy/map.hpp"
#include "record/requirement.hpp"

#include <fmt/core.h>

#include <string>
#include <string_view>
#include <vector>

namespace postseal::policy {

/// A word and the line it stands on; an entry may be continued on further lines.
struct Word {
    std::string_view text;
    std::size_t line = 0;
};

/// The words of each entry, parted by any of `separators`; none is empty.
std::vector<std::vector<Word>> entriesOf(std::string_view text, std::string_view separators,
                                         std::vector<MapFault>& faults);
/// In the order of lines, and no more of them than somebody reads.
void tidy(std::vector<MapFault>& faults);

template <class Known>
std::string suggestion(std::string_view word, const Known& known) {
    const auto nearest = base::nearestWord(word, known);
    return nearest.empty() ? std::string() : fmt::format("; did you mean \"{}\"?", nearest);
}

std::vector<std::string_view> split(std::string_view text, std::string_view separators);

base::Result<record::CipherGrade, std::string> parseGrade(std::string_view value);
/// Postfix's list: names, `!name`, `>=name`, `<=name`, separated by ':'. What is only excluded is taken from
/// our default and not, as in Postfix, from all: the old versions are never there unless named (rule 57).
base::Result<record::Protocols, std::string> parseProtocols(std::string_view value);

}  // namespace postseal::policy
