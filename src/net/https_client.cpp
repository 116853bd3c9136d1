#include "net/https_client.hpp"

#include "net/connection.hpp"

#include <fmt/format.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace postseal::net {
namespace {

using base::fail;
using base::Result;

constexpr std::uint16_t httpsPort = 443;
constexpr std::chrono::seconds connectTime{15};  // of one address: others wait behind it

std::string wordsOf(const base::Error& error) {
    if (error.code == std::errc::timed_out) return "it did not answer in time";
    if (error.code == std::errc::operation_canceled) return "this server is shutting down";
    return error.detail.empty() || error.phase == base::Phase::connect ? error.code.message() : error.detail;
}

tl::unexpected<HttpsFailure> noAnswer(std::string words) {
    return fail(HttpsFailure{HttpsFailure::Kind::noAnswer, std::move(words)});
}

std::string textOf(const HttpsRequest& request, const Endpoint& at) {
    return fmt::format("GET {} HTTP/1.1\r\n"
                       "Host: {}{}\r\n"
                       "User-Agent: Postseal\r\n"
                       "Accept: text/plain\r\n"
                       "Accept-Encoding: identity\r\n"
                       "Connection: close\r\n\r\n",
                       request.path, request.host.text(),
                       at.port == httpsPort ? std::string() : fmt::format(":{}", at.port));
}

/// As of an MX host under MTA-STS: our CAs, and the DNS names of the certificate alone (RFC 8461 §3.3).
record::Requirement requirementOf(const base::DomainName& host) {
    return {.level = record::Level::secure,
            .allOf = {record::NamesCondition{.patterns = {{record::NamePattern::Kind::exact, host.text()}},
                                             .by = record::Proof::mtaSts}}};
}

task::Awaitable<Result<Connection, HttpsFailure>> connectToFirst(HttpsRequest request) {
    std::string words = "it has no address";
    for (const auto& address : request.addresses) {
        ConnectSettings to{.to = address,
                           .deadline =
                               std::min(request.deadline, std::chrono::steady_clock::now() + connectTime)};
        auto connection = co_await Connection::connect(std::move(to));
        if (connection) co_return std::move(*connection);
        words = fmt::format("no connection to {}: {}", toText(address), wordsOf(connection.error()));
        if (std::chrono::steady_clock::now() >= request.deadline) break;
    }
    co_return noAnswer(std::move(words));
}

task::Awaitable<Result<HttpsResponse, HttpsFailure>> readAnswer(Connection& connection,
                                                                const HttpsRequest& request) {
    HttpsResponseReader reader(request.mostBytes);
    while (true) {
        const auto bytes = co_await connection.read();
        if (!bytes) co_return noAnswer(wordsOf(bytes.error()));
        if (bytes->empty()) {
            const bool isSaid = (SSL_get_shutdown(connection.tls()) & SSL_RECEIVED_SHUTDOWN) != 0;
            auto whole = reader.ended(isSaid ? HttpsResponseReader::Goodbye::said
                                             : HttpsResponseReader::Goodbye::missing);
            if (!whole) co_return noAnswer(whole.error());
            co_return std::move(*whole);
        }
        const auto state = reader.put(*bytes);
        if (!state) co_return noAnswer(state.error());
        if (*state == HttpsResponseReader::State::complete) co_return reader.take();
    }
}

}  // namespace

task::Awaitable<Result<HttpsResponse, HttpsFailure>> HttpsClient::get(HttpsRequest request) {
    auto connection = co_await connectToFirst(request);
    if (!connection) co_return fail(connection.error());
    connection->setDeadline(request.deadline);
    const auto requirement = requirementOf(request.host);
    auto session = contexts_.newSession(requirement, request.host.text());
    if (!session) co_return noAnswer(base::toText(session.error()));
    SSL_clear_options(session->get(), SSL_OP_IGNORE_UNEXPECTED_EOF);  // it tells whether an answer is whole
    const auto secured = co_await connection->startTls(std::move(*session), TlsSide::client);
    if (!secured) co_return noAnswer("the TLS handshake failed: " + wordsOf(secured.error()));
    const auto verdict = verifier_.judge(connection->tls(), requirement, request.now);
    if (!verdict.met) co_return fail(HttpsFailure{HttpsFailure::Kind::notProven, verdict.reason});

    const auto text = textOf(request, connection->peer());
    if (const auto written = co_await connection->write(text); !written)
        co_return noAnswer(wordsOf(written.error()));
    co_return co_await readAnswer(*connection, request);
}

}  // namespace postseal::net
