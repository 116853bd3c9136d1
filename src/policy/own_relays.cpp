#include "policy/own_relays.hpp"

#include "base/ascii.hpp"
#include "base/domain_name.hpp"
#include "base/hex.hpp"

#include <algorithm>
#include <utility>

namespace postseal::policy {
namespace {

constexpr std::string_view namePrefix = "name:";
constexpr std::string_view pinPrefix = "spki:";

}  // namespace

base::Result<void, std::string> OwnRelays::add(std::string_view entry) {
    if (base::startsWithWord(entry, namePrefix)) {
        const auto name = base::DomainName::parse(entry.substr(namePrefix.size()));
        if (!name) return base::fail('"' + base::escaped(entry) + "\": the name " + name.error());
        names.push_back(name->text());
        return {};
    }
    if (base::startsWithWord(entry, pinPrefix)) {
        const auto digest = base::parseHex(entry.substr(pinPrefix.size()));
        base::Sha256 pin{};
        if (!digest || digest->size() != pin.size())
            return base::fail('"' + base::escaped(entry) +
                              "\" is no SHA-256 of a public key (64 hexadecimal digits)");
        std::ranges::copy(*digest, pin.begin());
        pins.push_back(pin);
        return {};
    }
    auto network = base::Network::parse(entry);
    if (!network) return base::fail(network.error() + ", and neither name:HOST nor spki:HEX");
    networks.push_back(*network);
    return {};
}

std::optional<std::string> ownRelay(const OwnRelays& relays, const InboundClient& client) {
    for (const auto& network : relays.networks)
        if (network.contains(client.address)) return network.toText();
    const auto* certificate = client.certificate();
    if (certificate == nullptr) return std::nullopt;
    for (const auto& pin : relays.pins)
        if (pin == certificate->spki) return std::string(pinPrefix) + base::toHex(pin);
    for (const auto& name : relays.names) {
        const bool bears = std::ranges::find(certificate->names, name) != certificate->names.end();
        if (bears && client.chainFault && client.chainFault({}).empty())
            return std::string(namePrefix) + name;
    }
    return std::nullopt;
}

}  // namespace postseal::policy
