// For tests: TLSA records of each kind, and names.
#pragma once

#include "base/domain_name.hpp"
#include "record/tlsa.hpp"

#include <cstddef>
#include <string_view>

namespace postseal::policy::test {

using base::DomainName;
using record::Tlsa;

inline DomainName name(std::string_view text) {
    return *DomainName::parse(text);
}

inline base::Bytes bytes(std::size_t count, int value = 0x11) {
    return base::Bytes(count, static_cast<std::byte>(value));
}

/// An empty sequence in DER, which could be a certificate or a key.
inline base::Bytes der() {
    return {std::byte{0x30}, std::byte{0}};
}

inline const Tlsa ee256{3, 1, 1, bytes(32)}, ee512{3, 1, 2, bytes(64)}, eeFull{3, 1, 0, der()};
inline const Tlsa ta256{2, 0, 1, bytes(32)}, ta512{2, 0, 2, bytes(64)}, taFull{2, 0, 0, der()};
inline const Tlsa pkixTa{0, 0, 1, bytes(32)}, pkixEe{1, 0, 1, bytes(32)};

}  // namespace postseal::policy::test
