#include "tls/server_context.hpp"

#include "base/ascii.hpp"
#include "tls/certificates.hpp"
#include "tls/context.hpp"
#include "tls/errors.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <unordered_map>

namespace postseal::tls {
namespace {

using base::Error;
using base::fail;
using base::Phase;
using base::Result;
using record::Protocol;

// Forward secrecy and AEAD first; then whatever old senders have, but nothing without a certificate.
constexpr const char* serverCiphers =
    "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:DHE+CHACHA20:ECDHE:DHE:HIGH:MEDIUM:"
    "!aNULL:!eNULL:!PSK:!SRP:!RC4:!aDSS";

/// Certificates that serve together: they share a name, and no two have the same kind of key.
struct Group {
    SslContext context;
    std::vector<std::string> names;
    std::vector<int> keyTypes;

    bool takes(const std::vector<std::string>& theirs, int keyType) const {
        const bool sharesName = std::ranges::any_of(
            theirs, [&](const auto& name) { return std::ranges::find(names, name) != names.end(); });
        return sharesName && std::ranges::find(keyTypes, keyType) == keyTypes.end();
    }
};

/// Which context answers for which name of SNI. Owned by the first context, so that it lives as long as any
/// session; the first's own names are not in it.
struct Names {
    std::vector<SslContext> contexts;
    std::unordered_map<std::string, SSL_CTX*> byName;

    SSL_CTX* find(std::string_view host) const {
        const auto name = base::toLower(host);
        if (const auto exact = byName.find(name); exact != byName.end()) return exact->second;
        const auto dot = name.find('.');
        if (dot == name.npos) return nullptr;
        const auto wildcard = byName.find('*' + name.substr(dot));
        return wildcard == byName.end() ? nullptr : wildcard->second;
    }
};

void freeNames(void* /*parent*/, void* names, CRYPTO_EX_DATA* /*data*/, int /*index*/, long /*number*/,
               void* /*argument*/) {
    delete static_cast<Names*>(names);
}

int namesIndex() {
    static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, freeNames);
    return index;
}

/// Never an error: servers must not insist on SNI (rule 13).
int chooseByName(SSL* session, int* /*alert*/, void* names) {
    const char* host = SSL_get_servername(session, TLSEXT_NAMETYPE_host_name);
    if (host == nullptr) return SSL_TLSEXT_ERR_NOACK;
    if (SSL_CTX* context = static_cast<Names*>(names)->find(host); context != nullptr)
        SSL_set_SSL_CTX(session, context);
    return SSL_TLSEXT_ERR_OK;
}

/// Rule 42: whatever is found is kept as the session's verify result; the handshake goes on.
int verifyAndGoOn(X509_STORE_CTX* context, void* /*argument*/) {
    X509_verify_cert(context);
    ERR_clear_error();
    return 1;
}

record::Protocols atLeast(Protocol lowest) {
    constexpr unsigned all = 15;
    return {all & ~(static_cast<unsigned>(lowest) - 1)};
}

Result<SslContext> makeContext(const ServerTlsSettings& settings, const TrustStore& trust) {
    auto context = makeServerContext();
    const bool old = settings.minProtocol < Protocol::tls12;
    if (!context || !allowProtocols(context.get(), atLeast(settings.minProtocol)) ||
        SSL_CTX_set_cipher_list(context.get(), serverCiphers) != 1)
        return fail(Error{{}, Phase::configuration, "TLS: " + takeErrors()});
    SSL_CTX_set_security_level(context.get(), old ? 0 : 1);  // OpenSSL 3 has TLS 1.0 and 1.1 at level 0 alone
    SSL_CTX_set_options(context.get(), SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_dh_auto(context.get(), 1);

    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);  // tickets hold the state
    constexpr std::string_view sessionContext = "postseal";
    SSL_CTX_set_session_id_context(
        context.get(), reinterpret_cast<const unsigned char*>(sessionContext.data()), sessionContext.size());
    SSL_CTX_set_num_tickets(context.get(), settings.tickets ? 1 : 0);
    if (!settings.tickets) SSL_CTX_set_options(context.get(), SSL_OP_NO_TICKET);
    TicketKeys::serve(context.get());

    SSL_CTX_set_cert_verify_callback(context.get(), verifyAndGoOn, nullptr);
    SSL_CTX_set1_cert_store(context.get(), trust.store());
    // Public CAs no longer certify for client use: a server's certificate will do (rule 41).
    SSL_CTX_set_purpose(context.get(), X509_PURPOSE_ANY);
    return context;
}

Result<std::vector<Group>> makeGroups(const ServerTlsSettings& settings, const TrustStore& trust) {
    std::vector<Group> groups;
    for (const auto& files : settings.certificates) {
        const auto identity = Identity::load(files);
        if (!identity) return fail(identity.error());
        const auto names = namesOf(identity->certificate());
        const int keyType = identity->keyType();
        auto group = std::ranges::find_if(groups, [&](const Group& g) { return g.takes(names, keyType); });
        if (group == groups.end()) {
            auto context = makeContext(settings, trust);
            if (!context) return fail(context.error());
            group = groups.insert(groups.end(), Group{std::move(*context), {}, {}});
        }
        if (const auto done = identity->showIn(group->context.get()); !done) return fail(done.error());
        group->names.insert(group->names.end(), names.begin(), names.end());
        group->keyTypes.push_back(keyType);
    }
    return groups;
}

}  // namespace

Result<std::shared_ptr<const ServerContext>> ServerContext::make(const ServerTlsSettings& settings,
                                                                 const TrustStore& trust) {
    if (settings.certificates.empty())
        return fail(Error{{}, Phase::configuration, "TLS: no certificate is configured"});
    auto groups = makeGroups(settings, trust);
    if (!groups) return fail(groups.error());

    auto names = std::make_unique<Names>();
    SslContext first = std::move(groups->front().context);
    for (const auto& name : groups->front().names)
        names->byName.emplace(name, nullptr);
    for (auto& group : std::span(*groups).subspan(1)) {
        for (const auto& name : group.names)
            names->byName.emplace(name, group.context.get());  // the first that has a name serves it
        names->contexts.push_back(std::move(group.context));
    }
    SSL_CTX_set_tlsext_servername_callback(first.get(), chooseByName);
    SSL_CTX_set_tlsext_servername_arg(first.get(), names.get());
    SSL_CTX_set_ex_data(first.get(), namesIndex(), names.release());
    const bool asksClient = settings.clientCertificates != ClientCertificates::no;
    return std::shared_ptr<const ServerContext>(
        new ServerContext(std::move(first), asksClient, TicketKeys::make()));
}

std::shared_ptr<const ServerContext> ServerContext::withNextTicketKey() const {
    return std::shared_ptr<const ServerContext>(
        new ServerContext(context_, asksClient_, TicketKeys::next(ticketKeys_)));
}

Ssl ServerContext::newSession(base::Timestamp now, AskClient ask) const {
    Ssl session(SSL_new(context_.get()));
    if (!session) return session;
    SSL_set_accept_state(session.get());
    TicketKeys::give(session.get(), ticketKeys_);
    if (!asksClient_ && ask == AskClient::asConfigured) return session;
    SSL_set_verify(session.get(), SSL_VERIFY_PEER, nullptr);  // asks; names no CA
    SSL_set_options(session.get(), SSL_OP_NO_TICKET);
    SSL_set_num_tickets(session.get(), 0);
    X509_VERIFY_PARAM_set_time(SSL_get0_param(session.get()),
                               std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count());
    return session;
}

}  // namespace postseal::tls
