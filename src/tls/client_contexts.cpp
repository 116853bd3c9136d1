#include "tls/client_contexts.hpp"

#include "base/ip_address.hpp"
#include "tls/context.hpp"
#include "tls/errors.hpp"
#include "tls/ticket_slot.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>

namespace postseal::tls {
namespace {

using base::Error;
using base::fail;
using base::Phase;
using base::Result;
using record::Floors;
using record::Protocol;

constexpr std::size_t mostContexts = 256;
constexpr std::array<std::string_view, 3> suites13{"TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256",
                                                   "TLS_AES_128_GCM_SHA256"};

Error floorError(std::string words) {
    return {{}, Phase::tls, std::move(words)};
}

bool excludes(const Floors& floors, std::string_view cipher) {
    return std::ranges::find(floors.exclude, cipher) != floors.exclude.end();
}

/// Postfix's grades (tls_medium_cipherlist and its like) up to TLS 1.2. Ciphers without a certificate come
/// last, and never where the server must prove itself (rule 13); Postfix puts them first.
std::string cipherList(const Floors& floors, bool authenticates) {
    std::string list;
    switch (floors.ciphers) {
    case record::CipherGrade::low: list = "HIGH:MEDIUM:LOW:+RC4:@STRENGTH"; break;
    case record::CipherGrade::medium: list = "HIGH:MEDIUM:+RC4:@STRENGTH"; break;
    case record::CipherGrade::high: list = "HIGH:@STRENGTH"; break;
    }
    list += authenticates ? ":!eNULL:!aNULL" : ":!eNULL:+aNULL";
    for (const auto& cipher : floors.exclude)
        if (!cipher.starts_with("TLS_")) list += ":!" + cipher;
    return list;
}

/// TLS 1.3 has a list of its own, to which grades do not apply: all three are of the highest.
std::string suiteList(const Floors& floors) {
    std::string list;
    for (const auto suite : suites13)
        if (!excludes(floors, suite)) list.append(list.empty() ? "" : ":").append(suite);
    return list;
}

/// TLS 1.0 and 1.1 exist in OpenSSL 3 at level 0 alone; they are there only where a map entry asks (rule 57).
int securityLevel(const Floors& floors, bool authenticates) {
    const bool asksForOld = floors.protocols.has(Protocol::tls10) || floors.protocols.has(Protocol::tls11);
    return authenticates && !asksForOld ? 1 : 0;
}

Result<SslContext> makeContext(const Floors& floors, bool authenticates, KeyExchange keyExchange) {
    ERR_clear_error();
    auto context = makeClientContext(keyExchange == KeyExchange::all ? clientGroups : classicalGroups);
    if (!context) return fail(floorError(takeErrors()));
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
    SSL_CTX_set_cert_verify_callback(
        context.get(), [](X509_STORE_CTX*, void*) { return 1; }, nullptr);  // tls/verify does it, with words
    SSL_CTX_set_security_level(context.get(), securityLevel(floors, authenticates));
    collectTickets(context.get());

    auto protocols = floors.protocols;
    const auto suites = suiteList(floors);
    if (suites.empty()) protocols.bits &= ~static_cast<unsigned>(Protocol::tls13);
    if (!allowProtocols(context.get(), protocols))
        return fail(floorError("the policy leaves no TLS version to offer"));
    if (protocols.has(Protocol::tls13) && SSL_CTX_set_ciphersuites(context.get(), suites.c_str()) != 1)
        return fail(floorError("the policy leaves no cipher to offer: " + takeErrors()));
    const bool only13 = protocols.bits == static_cast<unsigned>(Protocol::tls13);
    if (!only13 && SSL_CTX_set_cipher_list(context.get(), cipherList(floors, authenticates).c_str()) != 1)
        return fail(
            floorError("the policy leaves no cipher below TLSv1.3 to offer; exclude those versions too"));

    if (floors.groups.empty()) return context;
    if (SSL_CTX_set1_groups_list(context.get(), fmt::format("{}", fmt::join(floors.groups, ":")).c_str()) !=
        1)
        return fail(floorError("the policy names a key exchange group that is not known here"));
    return context;
}

std::string contextKey(const Floors& floors, bool authenticates, KeyExchange keyExchange) {
    return fmt::format("{} {} {} {} {} {}", authenticates, static_cast<int>(keyExchange),
                       floors.protocols.bits, static_cast<int>(floors.ciphers),
                       fmt::join(floors.exclude, ":"), fmt::join(floors.groups, ":"));
}

}  // namespace

bool hasHybridGroups() {
    static const bool has = [] {
        const SslContext context(SSL_CTX_new(TLS_client_method()));
        const bool taken = context && SSL_CTX_set1_groups_list(context.get(), "X25519MLKEM768") == 1;
        ERR_clear_error();
        return taken;
    }();
    return has;
}

Result<SSL_CTX*> ClientContexts::forRequirement(const record::Requirement& requirement,
                                                KeyExchange keyExchange) {
    const bool authenticates = classOf(requirement) == record::LevelClass::authenticated;
    auto key = contextKey(requirement.floors, authenticates, keyExchange);
    if (const auto found = contexts_.find(key); found != contexts_.end()) return found->second.get();

    auto made = makeContext(requirement.floors, authenticates, keyExchange);
    if (!made) return fail(made.error());
    if (identity_)  // rule 41: OpenSSL shows it to a server that asks, and to no other
        if (const auto shown = identity_->showIn(made->get()); !shown) return fail(shown.error());
    if (contexts_.size() >= mostContexts) contexts_.clear();
    return contexts_.emplace(std::move(key), std::move(*made)).first->second.get();
}

Result<Ssl> ClientContexts::newSession(const record::Requirement& requirement, std::string_view host,
                                       KeyExchange keyExchange) {
    const auto context = forRequirement(requirement, keyExchange);
    if (!context) return fail(context.error());
    Ssl session(SSL_new(*context));
    if (!session) return fail(floorError(takeErrors()));
    const std::string name = requirement.serverName.empty() ? std::string(host) : requirement.serverName;
    if (!base::IpAddress::parse(name)) SSL_set_tlsext_host_name(session.get(), name.c_str());
    SSL_set_connect_state(session.get());
    return session;
}

}  // namespace postseal::tls
