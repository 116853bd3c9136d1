#include "base/registrable_domain.hpp"

#include <libpsl.h>

namespace postseal::base {

std::string registrableDomain(std::string_view domain) {
    std::string whole(domain);
    const char* found = psl_registrable_domain(psl_builtin(), whole.c_str());
    return found != nullptr ? std::string(found) : whole;
}

bool isPublicSuffix(std::string_view domain) {
    return psl_is_public_suffix(psl_builtin(), std::string(domain).c_str()) == 1;
}

}  // namespace postseal::base
