#include "tls/server_context.hpp"

#include "base/ascii.hpp"
#include "tls/client_contexts.hpp"
#include "tls/facts.hpp"
#include "tls/private_key.hpp"
#include "tls/test_certificates.hpp"

#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

using namespace postseal;
using namespace postseal::tls;
using record::Protocol;

namespace {

/// A folder for the files that OpenSSL reads; gone at the end.
class Folder {
public:
    Folder() {
        if (mkdtemp(path_.data()) == nullptr) throw std::runtime_error("no folder for the test");
    }
    ~Folder() {
        for (const auto& file : files_)
            std::remove(file.c_str());
        std::remove(path_.c_str());
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    std::string write(const std::string& name, const std::string& text) {
        auto file = path_ + "/" + name;
        const MemoryBio out(BIO_new_file(file.c_str(), "w"));
        BIO_write(out.get(), text.data(), static_cast<int>(text.size()));
        files_.push_back(file);
        return file;
    }
    CertificateFiles write(const std::string& name, const test::Identity& identity) {
        return {write(name + ".pem", test::pemOf(identity.certificate.get())),
                write(name + ".key", test::pemOf(identity.key.get()))};
    }

private:
    std::string path_ = "/tmp/postseal-tls-XXXXXX";
    std::vector<std::string> files_;
};

std::string readFile(const std::string& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
}

const TrustStore& nobody() {
    static const auto store = TrustStore::load("", "").value();
    return *store;
}

struct Met {
    bool done = false;
    record::TlsFacts client, server;
};

Met meet(const ServerContext& context, const record::Requirement& requirement, std::string_view host,
         void (*prepare)(SSL*) = nullptr, std::shared_ptr<const Identity> shown = nullptr) {
    ClientContexts contexts(std::move(shown));
    const auto client = contexts.newSession(requirement, host);
    const auto server = context.newSession(test::now);
    REQUIRE(client);
    if (prepare != nullptr) prepare(client->get());
    Met met;
    met.done = test::handshake(client->get(), server.get());
    if (!met.done) return met;
    met.client = factsOf(client->get(), {});
    met.server = factsOf(server.get(), clientVerdict(server.get()));
    return met;
}

record::Requirement with(unsigned protocols, record::CipherGrade grade = record::CipherGrade::medium,
                         std::vector<std::string> exclude = {}) {
    return {.level = record::Level::encrypt,
            .floors = {.protocols = {protocols}, .ciphers = grade, .exclude = std::move(exclude)}};
}
constexpr unsigned only10 = static_cast<unsigned>(Protocol::tls10);
constexpr unsigned only12 = static_cast<unsigned>(Protocol::tls12);
constexpr unsigned from10 = 15;

}  // namespace

TEST_CASE("ECDSA beside RSA, and others by name (SNI)") {
    Folder folder;
    const auto ecdsa =
        folder.write("ecdsa", test::make({.commonName = "ecdsa", .dnsNames = {"mx.example.org"}}));
    const auto rsa =
        folder.write("rsa", test::make({.commonName = "rsa", .dnsNames = {"mx.example.org"}, .rsa = true}));
    const auto wild = folder.write("wild", test::make({.commonName = "wild", .dnsNames = {"*.example.net"}}));
    const auto context = ServerContext::make({.certificates = {ecdsa, rsa, wild}}, nobody());
    REQUIRE(context);

    struct Row {
        const char* why;
        const char* host;
        std::vector<std::string> exclude;
        const char* want;
    };
    const Row rows[] = {
        {"ECDSA for who can", "mx.example.org", {}, "ecdsa"},
        {"RSA for who can't", "mx.example.org", {"aECDSA"}, "rsa"},
        {"another name", "mx.example.net", {}, "wild"},
        {"in any case", "MX.Example.NET", {}, "wild"},
        {"rule 13: SNI is not insisted on", "192.0.2.1", {}, "ecdsa"},
        {"rule 13: nor that it is ours", "a.b.example.net", {}, "ecdsa"},
        {"rule 13: nor that it makes sense", "localhost", {}, "ecdsa"},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        const auto met = meet(**context, with(only12, record::CipherGrade::medium, row.exclude), row.host);
        REQUIRE(met.done);
        CHECK(met.client.peer->subject == row.want);
        CHECK(met.client.protocol == "TLSv1.2");
        CHECK(met.server.cipher.starts_with("TLS_ECDHE_"));
        CHECK(met.server.group == "X25519");
    }
}

TEST_CASE("rule 57: TLS 1.0 and 1.1 are off unless both sides' configuration asks") {
    Folder folder;
    const auto files =
        folder.write("mx", test::make({.commonName = "mx", .dnsNames = {"mx.example.org"}, .rsa = true}));
    const auto standard = ServerContext::make({.certificates = {files}}, nobody());
    const auto lowered =
        ServerContext::make({.certificates = {files}, .minProtocol = Protocol::tls10}, nobody());
    const auto only13 =
        ServerContext::make({.certificates = {files}, .minProtocol = Protocol::tls13}, nobody());
    const record::Requirement usual{.level = record::Level::encrypt};
    CHECK_FALSE(meet(**standard, with(only10), "mx.example.org").done);
    CHECK(meet(**standard, with(from10), "mx.example.org").client.protocol == "TLSv1.3");
    CHECK(meet(**standard, with(only12), "mx.example.org").client.protocol == "TLSv1.2");
    CHECK(meet(**lowered, with(only10), "mx.example.org").client.protocol == "TLSv1");
    CHECK_FALSE(meet(**only13, with(only12), "mx.example.org").done);
    CHECK(meet(**only13, usual, "mx.example.org").client.protocol == "TLSv1.3");

    auto old = test::serve(test::make({.commonName = "old", .rsa = true}));
    SSL_CTX_set_security_level(old.get(), 0);
    SSL_CTX_set_min_proto_version(old.get(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(old.get(), TLS1_1_VERSION);
    ClientContexts contexts;
    for (const auto& [requirement, want] : {std::pair{usual, false}, std::pair{with(from10), true}}) {
        const Ssl server(SSL_new(old.get()));
        const auto client = contexts.newSession(requirement, "mx.example.org");
        CHECK(test::handshake(client->get(), server.get()) == want);
    }
}

TEST_CASE("cipher grades and exclusions decide what is offered") {
    Folder folder;
    const auto files = folder.write("mx", test::make({.commonName = "mx", .rsa = true}));
    const auto context = ServerContext::make({.certificates = {files}}, nobody());
    using Grade = record::CipherGrade;
    const auto without256 =
        meet(**context, with(from10, Grade::high, {"TLS_AES_256_GCM_SHA384"}), "mx.example.org");
    CHECK(without256.client.cipher == "TLS_CHACHA20_POLY1305_SHA256");
    const auto no13 =
        meet(**context,
             with(from10, Grade::high,
                  {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"}),
             "mx.example.org");
    CHECK(no13.client.protocol == "TLSv1.2");
    CHECK(meet(**context, with(only12, Grade::high, {"kECDHE", "kDHE"}), "mx.example.org")
              .client.group.empty());

    ClientContexts contexts;
    const auto nothing = contexts.newSession(with(only12, Grade::high, {"ALL"}), "mx.example.org");
    REQUIRE_FALSE(nothing);
    CHECK(nothing.error().detail ==
          "the policy leaves no cipher below TLSv1.3 to offer; exclude those versions too");
    CHECK_FALSE(contexts.newSession(with(0), "mx.example.org"));
    auto groups = with(from10);
    groups.floors.groups = {"no-such-group"};
    CHECK_FALSE(contexts.newSession(groups, "mx.example.org"));
}

TEST_CASE("rule 46: hybrid groups where OpenSSL has them, asked for by a hello that fits one segment") {
    Folder folder;
    const auto files = folder.write("mx", test::make({.commonName = "mx"}));
    const auto context = ServerContext::make({.certificates = {files}}, nobody());
    const auto group = [&](KeyExchange keyExchange) {
        ClientContexts contexts;
        const auto client = contexts.newSession({.level = record::Level::may}, "mx.example.org", keyExchange);
        const auto server = (*context)->newSession(test::now);
        REQUIRE(test::handshake(client->get(), server.get()));
        return factsOf(client->get(), {}).group;
    };
    CHECK(group(KeyExchange::all) == (hasHybridGroups() ? "X25519MLKEM768" : "X25519"));
    CHECK(group(KeyExchange::classical) == "X25519");

    ClientContexts contexts;
    const auto client = contexts.newSession({.level = record::Level::may}, "mx.example.org");
    BIO* sent = BIO_new(BIO_s_mem());
    SSL_set_bio(client->get(), BIO_new(BIO_s_mem()), sent);  // which own them
    SSL_do_handshake(client->get());
    constexpr std::size_t leastSegment = 1220;  // IPv6's smallest, less the headers of IP and TCP
    CHECK(BIO_ctrl_pending(sent) > 0);
    CHECK(BIO_ctrl_pending(sent) < leastSegment);
}

TEST_CASE("a ticket is taken for one change of keys more, and not for two (RFC 5077 §5.5)") {
    Folder folder;
    const auto files = folder.write("mx", test::make({.commonName = "mx"}));
    const auto made = ServerContext::make({.certificates = {files}}, nobody());
    REQUIRE(made);
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        SslContext clients(SSL_CTX_new(TLS_client_method()));
        SSL_CTX_set_min_proto_version(clients.get(), version);
        SSL_CTX_set_max_proto_version(clients.get(), version);
        SslSession kept;
        const auto isResumed = [&](const ServerContext& context, bool keep) {
            const Ssl client(SSL_new(clients.get()));
            const auto server = context.newSession(test::now);
            if (kept) SSL_set_session(client.get(), kept.get());
            REQUIRE(test::handshake(client.get(), server.get()));
            if (keep) kept.reset(SSL_get1_session(client.get()));
            SSL_set_shutdown(client.get(), SSL_SENT_SHUTDOWN);  // else OpenSSL thinks ill of the session
            return SSL_session_reused(client.get()) == 1;
        };
        const auto second = (*made)->withNextTicketKey(), third = second->withNextTicketKey();
        CHECK_FALSE(isResumed(**made, true));
        CHECK(isResumed(**made, false));
        CHECK(isResumed(*second, false));
        CHECK_FALSE(isResumed(*third, false));
        CHECK(isResumed(*second, true));  // and brings a ticket by the new key
        CHECK(isResumed(*third, false));
        kept.reset();
    }
}

TEST_CASE("rule 13: no cipher without a certificate where the server must prove itself") {
    SslContext anonymous(SSL_CTX_new(TLS_server_method()));
    SSL_CTX_set_security_level(anonymous.get(), 0);
    SSL_CTX_set_cipher_list(anonymous.get(), "aNULL");
    SSL_CTX_set_max_proto_version(anonymous.get(), TLS1_2_VERSION);
    ClientContexts contexts;
    const record::Requirement encrypt{.level = record::Level::encrypt};
    const record::Requirement secure{
        .level = record::Level::secure,
        .allOf = {record::NamesCondition{{{record::NamePattern::Kind::exact, "mx.example.org"}}}}};
    for (const auto& [requirement, want] : {std::pair{encrypt, true}, std::pair{secure, false}}) {
        const Ssl server(SSL_new(anonymous.get()));
        const auto client = contexts.newSession(requirement, "mx.example.org");
        CHECK(test::handshake(client->get(), server.get()) == want);
    }
}

TEST_CASE("rule 42: a client certificate is asked for without CAs, and a bad one never fails the handshake") {
    static const auto stranger = test::make({.commonName = "client.example", .lastDay = -3});
    static const auto root = test::make({.commonName = "Root", .authority = true});
    static const auto known =
        test::make({.commonName = "known.example", .issuer = &root, .extendedUse = "serverAuth"});
    Folder folder;
    const auto files = folder.write("mx", test::make({.commonName = "mx"}));
    const auto trust = TrustStore::load(folder.write("ca.pem", test::pemOf(root.certificate.get())), "");
    REQUIRE(trust);
    const auto asStranger = [](SSL* s) {
        SSL_use_certificate(s, stranger.certificate.get());
        SSL_use_PrivateKey(s, stranger.key.get());
    };
    const auto asKnown = [](SSL* s) {
        SSL_use_certificate(s, known.certificate.get());
        SSL_use_PrivateKey(s, known.key.get());
    };
    for (const auto asks : {ClientCertificates::request, ClientCertificates::require}) {
        const auto context =
            ServerContext::make({.certificates = {files}, .clientCertificates = asks}, **trust);
        for (const unsigned protocols : {only12, from10}) {
            const auto none = meet(**context, with(protocols), "mx");
            CHECK(none.done);
            CHECK_FALSE(none.server.peer);
            const auto bad = meet(**context, with(protocols), "mx", asStranger);
            REQUIRE(bad.done);
            CHECK(bad.server.peer->subject == "client.example");
            CHECK_FALSE(bad.server.peer->chainFault.empty());
            CHECK(bad.server.authenticatedBy == record::Proof::none);
            const auto good = meet(**context, with(protocols), "mx", asKnown);
            REQUIRE(good.done);
            CHECK(good.server.peer->chainFault.empty());  // rule 41: a server's certificate will do
        }
    }
    const auto silent = ServerContext::make({.certificates = {files}}, **trust);
    CHECK_FALSE(meet(**silent, with(from10), "mx", asKnown).server.peer);
}

TEST_CASE("rule 42: a session can be asked where the listener asks nobody, and who is asked gets no ticket") {
    Folder folder;
    const auto context = ServerContext::make(
        {.certificates = {folder.write("mx", test::make({.commonName = "mx"}))}}, **TrustStore::load("", ""));
    REQUIRE(context);
    for (const unsigned protocols : {only12, from10})
        for (const auto ask : {AskClient::asConfigured, AskClient::always}) {
            ClientContexts contexts;
            const auto client = contexts.newSession(with(protocols), "mx");
            const auto server = (*context)->newSession(test::now, ask);
            static const auto own = test::make({.commonName = "client.example"});
            SSL_use_certificate(client->get(), own.certificate.get());
            SSL_use_PrivateKey(client->get(), own.key.get());
            REQUIRE(test::handshake(client->get(), server.get()));
            const bool asked = ask == AskClient::always;
            CHECK((SSL_get0_peer_certificate(server.get()) != nullptr) == asked);
            CHECK((SSL_SESSION_has_ticket(SSL_get0_session(client->get())) == 1) != asked);
        }
}

TEST_CASE("rule 41: our own certificate is shown to a server that asks, and to no other") {
    Folder folder;
    const auto files = folder.write("mx", test::make({.commonName = "mx"}));
    const auto shared = std::make_shared<const Identity>(
        Identity::load(folder.write("own", test::make({.commonName = "mail.example.org"}))).value());
    for (const unsigned protocols : {only12, from10}) {
        const auto asking = ServerContext::make(
            {.certificates = {files}, .clientCertificates = ClientCertificates::request}, nobody());
        const auto met = meet(**asking, with(protocols), "mx", nullptr, shared);
        REQUIRE(met.done);
        REQUIRE(met.server.peer);
        CHECK(met.server.peer->subject == "mail.example.org");
        CHECK_FALSE(meet(**asking, with(protocols), "mx").server.peer);

        const auto silent = ServerContext::make({.certificates = {files}}, nobody());
        const auto other = meet(**silent, with(protocols), "mx", nullptr, shared);
        REQUIRE(other.done);
        CHECK_FALSE(other.server.peer);
    }
}

TEST_CASE("files that don't serve are named, with what is wrong") {
    Folder folder;
    const auto one = folder.write("one", test::make({.commonName = "one"}));
    const auto other = test::make({.commonName = "two"});
    const auto two = folder.write("two", other);
    const auto mixed = folder.write("mixed.pem", test::pemOf(other.certificate.get()) + readFile(one.chain));
    const auto junk = folder.write("junk.pem", "junk\n");
    const auto locked =
        folder.write("locked.key", "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
                                   "MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAiUlS2MVXB6hQICCAAw\n"
                                   "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEOqVZXqfxBKGAWLL9sJnBhkEgZAy\n"
                                   "-----END ENCRYPTED PRIVATE KEY-----\n");
    struct Row {
        std::vector<CertificateFiles> files;
        std::string want;
    };
    const Row rows[] = {
        {{}, "TLS: no certificate is configured"},
        {{{"/nonexistent.pem", one.key}}, "/nonexistent.pem: No such file or directory"},
        {{{one.chain, "/nonexistent.key"}}, "/nonexistent.key: No such file or directory"},
        {{one, {junk, one.key}}, junk + ": holds no certificate in PEM form"},
        {{{one.chain, two.key}}, two.key + ": the key does not belong to the certificate in " + one.chain},
        {{{mixed, one.key}},
         mixed + ": the certificates stand in the wrong order: the server's own comes first"},
        {{{one.chain, junk}}, junk + ": holds no private key in PEM form"},
        {{{one.chain, locked}}, locked + ": "},
    };
    for (const auto& row : rows) {
        const auto made = ServerContext::make({.certificates = row.files}, nobody());
        REQUIRE_FALSE(made);
        INFO(made.error().detail);
        CHECK(made.error().detail.starts_with(row.want));
    }
}

TEST_CASE("a key that others can read is warned about") {
    CHECK_FALSE(keyFileWarning("a.key", 0100600));
    CHECK_FALSE(keyFileWarning("a.key", 0100640));
    CHECK(keyFileWarning("a.key", 0100644) == "a.key: everybody on this machine can read it (mode 0644); "
                                              "make it 0600, or 0640 with a group of its own");
    CHECK(keyFileWarning("a.key", 0100660)->starts_with("a.key: others can write it (mode 0660)"));
}
