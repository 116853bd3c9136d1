#include "app/postfix_front.hpp"

#include "task/spawn.hpp"

#include <utility>

namespace postseal::app {

PostfixFront::PostfixFront(const Ground& ground, const Outbound& outbound)
    : cores_(ground.cores), parts_(ground.cores, [&](task::Core& core) {
          return std::make_unique<companion::SocketmapServices>(companion::SocketmapServices{
              .destinations = outbound.destinations(core.index), .log = ground.log.as("socketmap")});
      }) {}

Front PostfixFront::front() {
    return [this](std::size_t core, std::size_t /*listener*/, net::Connection connection) {
        task::spawn(cores_[core], companion::serve(&parts_.on(core), std::move(connection)), "socketmap");
    };
}

}  // namespace postseal::app
