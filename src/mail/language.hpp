// The language that an author reads, as the header of a message tells (Accept-Language and Content-Language,
// RFC 3282). Input is hostile. Pure.
#pragma once

#include "record/language.hpp"

#include <optional>
#include <string_view>

namespace postseal::mail {

/// The best of Accept-Language that is one of ours, else Content-Language where it is; none: not told, or one
/// that we don't write.
std::optional<record::Language> languageOf(std::string_view header);

}  // namespace postseal::mail
