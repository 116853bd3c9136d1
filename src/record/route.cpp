#include "record/route.hpp"

namespace postseal::record {

base::Result<Route, std::string> Route::parse(std::string_view text) {
    auto transport = parseTransport(text);
    if (!transport) return base::fail(std::move(transport.error()));
    return Route(std::move(*transport), text);
}

}  // namespace postseal::record
