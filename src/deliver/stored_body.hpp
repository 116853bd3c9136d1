// A queued message's body as the client reads it, from wherever it is kept.
#pragma once

#include "net/smtp_client.hpp"
#include "queue/body.hpp"

#include <string_view>

namespace postseal::deliver {

class StoredBody : public net::BodySource {
public:
    StoredBody(queue::Bodies& bodies, const queue::Body& body) : reader_(bodies, body) {}
    net::Awaitable<base::Result<std::string_view>> next() override { return reader_.next(); }

private:
    queue::BodyReader reader_;
};

}  // namespace postseal::deliver
