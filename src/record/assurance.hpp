// Assurance: what protection a hop actually had, ordered from nothing to proven.
#pragma once

#include <optional>
#include <string_view>

namespace postseal::record {

enum class Assurance {
    cleartext,
    encrypted,      // TLS, the peer not proven
    authenticated,  // TLS, and the peer proven to be who the policy meant
};

std::string_view toText(Assurance assurance);
std::optional<Assurance> parseAssurance(std::string_view text);

}  // namespace postseal::record
