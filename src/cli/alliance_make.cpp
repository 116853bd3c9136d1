// The commands that make and look at lists: they need no server.
#include "app/alliance_source.hpp"
#include "base/base64.hpp"
#include "cli/alliance_text.hpp"
#include "cli/commands.hpp"
#include "cli/open_store.hpp"
#include "cli/write_file.hpp"
#include "discover/alliance_store.hpp"
#include "policy/dsse.hpp"
#include "record/json.hpp"
#include "task/clock.hpp"
#include "tls/ed25519.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>

namespace postseal::cli {
namespace {

using policy::SignedEnvelope;

/// A list that may be signed already.
SignedEnvelope envelopeOf(std::string text) {
    if (auto envelope = policy::parseEnvelope(text);
        envelope && envelope->payloadType == policy::alliancePayloadType)
        return std::move(*envelope);
    return {.payloadType = std::string(policy::alliancePayloadType), .payload = std::move(text)};
}

base::Result<policy::Alliance, std::string> listIn(const std::string& file) {
    auto text = app::readAllianceSource({}, file);
    if (!text) return base::fail(text.error());
    auto list = discover::readAlliance(envelopeOf(std::move(*text)).payload);
    if (!list) return base::fail(file + ": " + list.error());
    return list;
}

base::Result<policy::Alliance, std::string> joinedList(const std::string& config, const std::string& name) {
    const auto store = openStore(config);
    if (!store) return base::fail(store.error());
    const auto row = discover::allianceOf(*store->engine, name);
    if (!row) return base::fail(base::toText(row.error()));
    if (!*row || (*row)->kept.isLeft()) return base::fail("the alliance " + name + " was not joined");
    auto opened = discover::openAlliance((*row)->kept.envelope, (*row)->kept.keys);
    if (!opened) return base::fail("the list of the alliance " + name + ": " + opened.error());
    return std::move(opened->list);
}

/// Why the list is not good; empty: it is.
std::string faultOf(const AllianceVerify& command, const std::string& text,
                    std::optional<policy::Alliance>& list) {
    if (command.keys.empty()) {
        auto read = discover::readAlliance(envelopeOf(text).payload);
        if (!read) return read.error();
        list = std::move(*read);
    } else {
        auto opened = discover::openAlliance(text, command.keys);
        if (!opened) return opened.error();
        list = std::move(opened->list);
    }
    if (task::timeNow() < list->expires) return {};
    return "it ended on " + base::toRfc3339(list->expires);
}

}  // namespace

int run(const AllianceKeygen& command) {
    const auto pem = tls::newEd25519();
    if (!pem) return failWith(pem.error());
    if (const auto written = writeNewSecret(command.file, pem->reveal()); !written)
        return failWith(written.error());
    const auto key = tls::PrivateKey::load(command.file);
    if (!key) return failWith(base::toText(key.error()));
    const auto octets = tls::publicEd25519(*key);
    if (!octets) return failWith(octets.error());
    print(base::toBase64(*octets));
    return 0;
}

int run(const AllianceSign& command) {
    auto text = app::readAllianceSource({}, command.file);
    if (!text) return failWith(text.error());
    auto envelope = envelopeOf(std::move(*text));
    if (const auto list = discover::readAlliance(envelope.payload); !list)
        return failWith(command.file + ": " + list.error());
    const auto key = tls::PrivateKey::load(command.key);
    if (!key) return failWith(base::toText(key.error()));
    const auto octets = tls::publicEd25519(*key);
    if (!octets) return failWith(command.key + ": " + octets.error());
    auto signature = tls::signEd25519(*key, policy::toBeSigned(envelope));
    if (!signature) return failWith(command.key + ": " + signature.error());
    const auto keyId = base::toBase64(*octets);
    std::erase_if(envelope.signatures, [&](const auto& one) { return one.keyId == keyId; });
    envelope.signatures.push_back({keyId, std::move(*signature)});
    if (const auto written = writeText(command.output, policy::toJson(envelope)); !written)
        return failWith(written.error());
    return 0;
}

int run(const AllianceVerify& command) {
    const auto text = app::readAllianceSource({}, command.file);
    if (!text) return failWith(text.error());
    std::optional<policy::Alliance> list;
    const auto fault = faultOf(command, *text, list);
    if (command.output == Output::json)
        print(fmt::format(R"({{"good":{},"fault":{}}})", fault.empty(),
                          fault.empty() ? std::string("null") : record::quotedJson(fault)));
    else if (list)
        print(forPeople(*list) + (command.keys.empty()
                                      ? "The list can be read; no key was given to check its signature by."
                                      : "The signature is good."));
    return fault.empty() ? 0 : sayNo(command.file + ": " + fault);
}

int run(const AllianceDiff& command) {
    const auto after = listIn(command.after);
    if (!after) return failWith(after.error());
    const auto before =
        command.before.empty() ? joinedList(command.config, after->name) : listIn(command.before);
    if (!before) return failWith(before.error());
    const auto diff = discover::diffOf(*before, *after);
    print(forPeople(diff));
    return diff.empty() ? 0 : 1;
}

}  // namespace postseal::cli
