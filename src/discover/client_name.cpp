#include "discover/client_name.hpp"

#include <algorithm>
#include <utility>

namespace postseal::discover {

using Status = policy::ClientName::Status;

task::Awaitable<policy::ClientName> clientName(Ask ask, base::IpAddress client) {
    std::vector<dns::Question> backward{dns::reverseQuestion(client)};
    const auto pointers = co_await ask(std::move(backward));
    if (pointers.front().status == dns::Status::failed) co_return policy::ClientName{Status::failed, {}};
    if (pointers.front().all<base::DomainName>().empty()) co_return policy::ClientName{Status::none, {}};

    const auto name = pointers.front().all<base::DomainName>().front();
    std::vector<dns::Question> forward{{name, client.isV4() ? dns::Type::a : dns::Type::aaaa}};
    const auto addresses = co_await ask(std::move(forward));
    if (addresses.front().status == dns::Status::failed)
        co_return policy::ClientName{Status::failed, name.text()};
    const bool isConfirmed = std::ranges::count(addresses.front().all<base::IpAddress>(), client) > 0;
    if (!isConfirmed) co_return policy::ClientName{Status::none, {}};
    co_return policy::ClientName{Status::confirmed, name.text()};
}

}  // namespace postseal::discover
