#include "base/secret.hpp"

#include <string.h>

namespace postseal::base {

bool Secret::equals(std::string_view other) const {
    if (bytes_.size() != other.size()) return false;
    unsigned difference = 0;
    for (std::size_t i = 0; i < other.size(); ++i)
        difference |= static_cast<unsigned char>(bytes_[i]) ^ static_cast<unsigned char>(other[i]);
    return difference == 0;
}

void Secret::wipe() noexcept {
    explicit_bzero(bytes_.data(), bytes_.capacity());
    bytes_.clear();
}

}  // namespace postseal::base
