#include "discover/ask.hpp"

#include "net/resolver.hpp"

#include <chrono>
#include <utility>

namespace postseal::discover {
namespace {

constexpr std::chrono::seconds patience{20};  // libunbound gives up on a silent server after 17

}  // namespace

Ask askBy(net::Resolver& resolver) {
    return [&resolver](std::vector<dns::Question> questions) {
        return resolver.askAll(std::move(questions), std::chrono::steady_clock::now() + patience);
    };
}

}  // namespace postseal::discover
