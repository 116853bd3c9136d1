#include "record/status.hpp"

#include <fmt/core.h>

namespace postseal::record {

std::string toText(Status status) {
    return fmt::format("{}.{}.{}", static_cast<unsigned>(status.class_), status.subject_, status.detail_);
}

}  // namespace postseal::record
