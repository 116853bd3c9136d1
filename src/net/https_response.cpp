#include "net/https_response.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace postseal::net {
namespace {

namespace http = boost::beast::http;
using base::fail;
using base::Result;
using Parser = http::response_parser<http::string_body>;

constexpr std::string_view endOfHeader = "\r\n\r\n";

/// 101 would be another protocol, which nobody asked for.
bool isInterim(unsigned status) {
    return status >= 100 && status < 200 && status != 101;
}

std::string wordsOf(const boost::system::error_code& error, std::size_t mostBodyBytes) {
    if (error == http::error::body_limit)
        return fmt::format("its answer is larger than {} KiB", mostBodyBytes >> 10U);
    if (error == http::error::header_limit) return "the header of its answer is too large";
    if (error == http::error::partial_message || error == http::error::end_of_stream)
        return "it closed the connection before its answer was complete";
    return "its answer is no HTTP: " + error.message();
}

}  // namespace

struct HttpsResponseReader::Parsing {
    explicit Parsing(std::size_t mostBodyBytes) {
        parser.eager(true);
        parser.header_limit(mostLine);
        parser.body_limit(mostBodyBytes);
    }

    /// As soon as the header is whole: a trailer's fields join it later, and say nothing of the body.
    void noteHeader() {
        if (isNoted) return;
        isNoted = true;
        const auto& message = parser.get();
        noted.status = message.result_int();
        noted.contentType = std::string(message[http::field::content_type]);
        noted.contentEncoding = std::string(message[http::field::content_encoding]);
    }

    Parser parser;
    std::size_t searched = 0;  // of a header that is not whole
    bool isNoted = false;
    HttpsResponse noted = {};
};

HttpsResponseReader::HttpsResponseReader(std::size_t mostBodyBytes)
    : mostBodyBytes_(mostBodyBytes), parsing_(std::make_unique<Parsing>(mostBodyBytes)) {}
HttpsResponseReader::HttpsResponseReader(HttpsResponseReader&&) noexcept = default;
HttpsResponseReader& HttpsResponseReader::operator=(HttpsResponseReader&&) noexcept = default;
HttpsResponseReader::~HttpsResponseReader() = default;

Result<HttpsResponseReader::State, std::string> HttpsResponseReader::put(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto room = std::min(mostLine - unread_.size(), mostOctets(mostBodyBytes_) - octets_);
        if (room == 0) return fail(wordsOfSize());
        const auto piece = bytes.substr(0, room);
        bytes.remove_prefix(piece.size());
        octets_ += piece.size();
        unread_ += piece;
        const auto state = parse();
        if (!state || *state == State::complete) return state;
    }
    return State::wantsMore;
}

std::string HttpsResponseReader::wordsOfSize() const {
    if (octets_ == mostOctets(mostBodyBytes_))
        return fmt::format("its answer is larger than {} KiB in all", octets_ >> 10U);
    return parsing_->isNoted ? "a line or a trailer of its answer is too large"
                             : wordsOf(http::error::header_limit, mostBodyBytes_);
}

Result<HttpsResponseReader::State, std::string> HttpsResponseReader::parse() {
    while (!unread_.empty()) {
        boost::system::error_code error;
        auto& parser = parsing_->parser;
        // A header is given whole: its limit must not depend on how it was cut.
        if (!parser.is_header_done() && unread_.find(endOfHeader, parsing_->searched) == unread_.npos) {
            parsing_->searched = unread_.size() - std::min(unread_.size(), endOfHeader.size() - 1);
            return State::wantsMore;
        }
        unread_.erase(0, parser.put(boost::asio::buffer(unread_), error));
        if (error && error != http::error::need_more) return fail(wordsOf(error, mostBodyBytes_));
        if (!parser.is_header_done()) return fail(std::string("its answer is no HTTP"));
        parsing_->noteHeader();
        if (!parser.is_done()) return State::wantsMore;
        if (!isInterim(parsing_->noted.status)) return State::complete;
        if (++interim_ > mostInterim) return fail(std::string("it sends interim answers and nothing else"));
        parsing_ = std::make_unique<Parsing>(mostBodyBytes_);
    }
    return State::wantsMore;
}

Result<HttpsResponse, std::string> HttpsResponseReader::ended(Goodbye goodbye) {
    boost::system::error_code error;
    auto& parser = parsing_->parser;
    if (parser.got_some()) parser.put_eof(error);
    if (!error && !parser.is_done()) error = http::error::partial_message;
    if (error) return fail(wordsOf(error, mostBodyBytes_));
    auto response = take();
    response.isWhole = goodbye == Goodbye::said;
    return response;
}

HttpsResponse HttpsResponseReader::take() {
    auto response = std::move(parsing_->noted);
    response.body = std::move(parsing_->parser.get().body());
    return response;
}

}  // namespace postseal::net
