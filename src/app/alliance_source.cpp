#include "app/alliance_source.hpp"

#include "app/load.hpp"
#include "app/outbound_settings.hpp"
#include "discover/alliance_fetch.hpp"
#include "net/resolver.hpp"
#include "policy/dsse.hpp"
#include "task/cores.hpp"
#include "task/spawn.hpp"

#include <chrono>
#include <fstream>
#include <future>
#include <iterator>
#include <memory>
#include <utility>

namespace postseal::app {
namespace {

using Text = base::Result<std::string, std::string>;

constexpr std::chrono::seconds patience{90};  // more than a fetch may take

task::Awaitable<void> fetchOnce(discover::Ask ask, std::shared_ptr<const Loaded> loaded, std::string url,
                                std::shared_ptr<std::promise<Text>> told) {
    told->set_value(co_await discover::fetchAlliance(std::move(ask), fetchSettings(*loaded), loaded->trust,
                                                     std::move(url)));
}

Text fetchNow(const std::string& configFile, const std::string& url) {
    const auto loaded = load(configFile, config::Purpose::look);
    if (!loaded) return base::fail(loaded.error());
    std::unique_ptr<net::Resolver> resolver;
    task::Cores cores(1, log::Log());  // goes first: what still waits on it refers to the resolver
    auto made = net::Resolver::make((*loaded)->settings.resolver, cores[0]);
    if (!made) return base::fail(base::toText(made.error()));
    resolver = std::move(*made);
    cores.start();
    auto told = std::make_shared<std::promise<Text>>();
    auto text = told->get_future();
    task::spawn(cores[0], fetchOnce(discover::askBy(*resolver), *loaded, url, told), "alliance");
    const bool isThere = text.wait_for(patience) == std::future_status::ready;
    auto result = isThere ? text.get() : Text(base::fail(url + ": it did not answer in time"));
    cores.cancelAll();
    cores.waitUntilEmpty(std::chrono::seconds(5));
    resolver.reset();
    cores.stop();
    return result;
}

}  // namespace

Text readAllianceSource(const std::string& configFile, const std::string& source) {
    if (source.find("://") != source.npos) return fetchNow(configFile, source);
    std::ifstream file(source, std::ios::binary);
    if (!file) return base::fail(source + " can't be read");
    std::string text{std::istreambuf_iterator<char>(file), {}};
    if (file.bad() || text.size() > policy::SignedEnvelope::longestText)
        return base::fail(source + " can't be read, or is too long for a list");
    return text;
}

}  // namespace postseal::app
