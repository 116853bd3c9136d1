#include "record/assurance.hpp"

#include "record/names.hpp"

namespace postseal::record {
namespace {

constexpr std::array<std::string_view, 3> names{"cleartext", "encrypted", "authenticated"};

}  // namespace

std::string_view toText(Assurance assurance) {
    return nameOf(names, assurance);
}

std::optional<Assurance> parseAssurance(std::string_view text) {
    return valueOf<Assurance>(names, text);
}

}  // namespace postseal::record
