#include "app/tls_watch.hpp"

namespace postseal::app {
namespace {

std::vector<std::filesystem::path> filesOf(const config::Settings& settings) {
    std::vector<std::filesystem::path> files;
    for (const auto& each : settings.tls.certificates)
        files.insert(files.end(), {each.chain, each.key});
    if (const auto& own = settings.outbound.clientCertificate)
        files.insert(files.end(), {own->chain, own->key});
    for (const auto& listener : settings.listeners)
        files.emplace_back(listener.clientCaFile);
    files.insert(files.end(), {settings.caFile, settings.caPath});
    std::erase(files, std::filesystem::path());
    return files;
}

}  // namespace

void TlsWatch::start(const Loaded& loaded, base::Tick now) {
    files_.start(filesOf(loaded.settings));
    nextKeys_ = now + loaded.settings.tls.ticketKeyLife;
}

base::Result<TlsWatch::Seen, std::string> TlsWatch::look(const Loaded& loaded, base::Tick now) {
    // Emptied or gone is changed, too: reading says what is wrong with it.
    if (files_.look() != ListWatch::Seen::same) {
        auto again = loadTls(loaded);
        if (!again) return base::fail(again.error());
        nextKeys_ = now + loaded.settings.tls.ticketKeyLife;  // new contexts begin with new keys
        return Seen{Seen::What::readAgain, std::move(*again)};
    }
    if (now < nextKeys_) return Seen{};
    nextKeys_ = now + loaded.settings.tls.ticketKeyLife;
    return Seen{Seen::What::ticketKeysDue, withNextTicketKeys(loaded)};
}

}  // namespace postseal::app
