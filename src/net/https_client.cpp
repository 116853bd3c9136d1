#include "net/https_client.hpp"

#include "net/connection.hpp"

#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <fmt/format.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace postseal::net {
namespace {

namespace http = boost::beast::http;
using base::fail;
using base::Result;
using Parser = http::response_parser<http::string_body>;

constexpr std::uint16_t httpsPort = 443;
constexpr std::size_t mostHeaderBytes = std::size_t{16} << 10U;
constexpr std::chrono::seconds connectTime{15};  // of one address: others wait behind it

std::string wordsOf(const base::Error& error) {
    if (error.code == std::errc::timed_out) return "it did not answer in time";
    if (error.code == std::errc::operation_canceled) return "this server is shutting down";
    return error.detail.empty() || error.phase == base::Phase::connect ? error.code.message() : error.detail;
}

std::string wordsOf(const boost::system::error_code& error, const HttpsRequest& request) {
    if (error == http::error::body_limit)
        return fmt::format("its answer is larger than {} KiB", request.mostBytes >> 10U);
    if (error == http::error::header_limit) return "the header of its answer is too large";
    if (error == http::error::partial_message || error == http::error::end_of_stream)
        return "it closed the connection before its answer was complete";
    return "its answer is no HTTP: " + error.message();
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

HttpsResponse taken(Parser& parser, bool isWhole) {
    auto message = parser.release();
    const auto field = [&](http::field name) { return std::string(message[name]); };
    return {.status = message.result_int(),
            .contentType = field(http::field::content_type),
            .contentEncoding = field(http::field::content_encoding),
            .body = std::move(message.body()),
            .isWhole = isWhole};
}

task::Awaitable<Result<Connection, std::string>> connectToFirst(HttpsRequest request) {
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
    co_return fail(std::move(words));
}

task::Awaitable<Result<HttpsResponse, std::string>> readAnswer(Connection& connection,
                                                               const HttpsRequest& request) {
    Parser parser;
    parser.eager(true);
    parser.header_limit(mostHeaderBytes);
    parser.body_limit(request.mostBytes);
    std::string unread;
    while (!parser.is_done()) {
        const auto bytes = co_await connection.read();
        if (!bytes) co_return fail(wordsOf(bytes.error()));
        boost::system::error_code error;
        if (bytes->empty()) {
            const bool isSaid = (SSL_get_shutdown(connection.tls()) & SSL_RECEIVED_SHUTDOWN) != 0;
            if (parser.got_some()) parser.put_eof(error);
            if (!error && !parser.is_done()) error = http::error::partial_message;
            if (error) co_return fail(wordsOf(error, request));
            co_return taken(parser, isSaid);
        }
        unread += *bytes;
        unread.erase(0, parser.put(boost::asio::buffer(unread), error));
        if (error && error != http::error::need_more) co_return fail(wordsOf(error, request));
    }
    co_return taken(parser, true);
}

}  // namespace

task::Awaitable<Result<HttpsResponse, std::string>> HttpsClient::get(HttpsRequest request) {
    auto connection = co_await connectToFirst(request);
    if (!connection) co_return fail(connection.error());
    connection->setDeadline(request.deadline);
    const auto requirement = requirementOf(request.host);
    auto session = contexts_.newSession(requirement, request.host.text());
    if (!session) co_return fail(base::toText(session.error()));
    SSL_clear_options(session->get(), SSL_OP_IGNORE_UNEXPECTED_EOF);  // it tells whether an answer is whole
    const auto secured = co_await connection->startTls(std::move(*session), TlsSide::client);
    if (!secured) co_return fail("the TLS handshake failed: " + wordsOf(secured.error()));
    const auto verdict = verifier_.judge(connection->tls(), requirement, request.now);
    if (!verdict.met) co_return fail(verdict.reason);

    const auto text = textOf(request, connection->peer());
    if (const auto written = co_await connection->write(text); !written)
        co_return fail(wordsOf(written.error()));
    co_return co_await readAnswer(*connection, request);
}

}  // namespace postseal::net
