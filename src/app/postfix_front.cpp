#include "app/postfix_front.hpp"

#include "task/spawn.hpp"

#include <utility>

namespace postseal::app {

PostfixFront::PostfixFront(const Ground& ground, const std::shared_ptr<const Loaded>& loaded,
                           const Outbound& outbound)
    : cores_(ground.cores), writer_(ground.writer), log_(ground.log), clock_(ground.clock),
      kept_(loaded->settings.ledger.detail), parts_(ground.cores, [&](task::Core& core) {
          return std::make_unique<companion::SocketmapServices>(
              companion::SocketmapServices{.destinations = outbound.destinations(core.index),
                                           .questions = questions_,
                                           .log = ground.log.as("socketmap"),
                                           .anchorFolder = loaded->settings.alliances.tafiles.string()});
      }) {}

void PostfixFront::adopt(const std::shared_ptr<const Loaded>& loaded) {
    kept_ = loaded->settings.ledger.detail;
    parts_.forEach([folder = loaded->settings.alliances.tafiles.string()](
                       companion::SocketmapServices& part) { part.anchorFolder = folder; });
}

Resident::Done PostfixFront::tick(const Now& now) {
    return write(now.calendar);
}

void PostfixFront::stop() {
    if (const auto written = write(clock_()); !written) log_.warning(log::Line().text(written.error()));
}

Resident::Done PostfixFront::write(base::Timestamp now) {
    auto batch = questions_.changes(kept_, now);
    if (!batch) return {};
    if (const auto done = writer_.commitBlocking(std::move(*batch)); !done)
        return base::fail("what a Postfix asked is not recorded: " + base::toText(done.error()));
    return {};
}

Front PostfixFront::front() {
    return [this](std::size_t core, std::size_t /*listener*/, net::Connection connection) {
        task::spawn(cores_[core], companion::serve(&parts_.on(core), std::move(connection)), "socketmap");
    };
}

}  // namespace postseal::app
