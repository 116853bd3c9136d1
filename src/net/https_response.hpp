// The answer to one GET over HTTPS, from the octets as they come (RFC 9112), for every client that we have.
// All of its octets together have one bound, whatever they are called: header, body, the lines and extensions
// of chunks, trailers, and interim answers, which are skipped (RFC 9110 §15.2). What can't be read before
// more has come has a bound of its own. So whoever answers decides how little is kept of it, never how much
// (rules 19, 53). Without sockets; input is hostile.
#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace postseal::net {

struct HttpsResponse {
    unsigned status = 0;
    std::string contentType = {};      // as it was sent, with its parameters
    std::string contentEncoding = {};  // empty: none
    std::string body = {};
    /// False: nothing but the end of the connection told the body's end, and not by TLS's own goodbye, so
    /// someone on the path may have cut it short.
    bool isWhole = true;

    bool operator==(const HttpsResponse&) const = default;
};

class HttpsResponseReader {
public:
    static constexpr std::size_t mostLine = std::size_t{16} << 10U;  // or header, or trailer
    static constexpr std::size_t mostInterim = 5;

    /// Of all that is read for an answer whose body may have `mostBodyBytes`: room enough for chunks of a
    /// sensible size.
    static constexpr std::size_t mostOctets(std::size_t mostBodyBytes) {
        return mostLine + 2 * mostBodyBytes;
    }

    explicit HttpsResponseReader(std::size_t mostBodyBytes);
    HttpsResponseReader(HttpsResponseReader&&) noexcept;
    HttpsResponseReader& operator=(HttpsResponseReader&&) noexcept;
    ~HttpsResponseReader();

    enum class State { wantsMore, complete };
    enum class Goodbye { said, missing };  // TLS's own

    /// What follows a complete answer is not looked at. The error is what is wrong with it, for people; then
    /// nothing more may be put.
    base::Result<State, std::string> put(std::string_view bytes);
    /// The connection has ended before the answer was complete by itself. The error: it is cut.
    base::Result<HttpsResponse, std::string> ended(Goodbye goodbye);
    /// Once it is complete.
    HttpsResponse take();

private:
    struct Parsing;

    base::Result<State, std::string> parse();
    std::string wordsOfSize() const;

    std::size_t mostBodyBytes_;
    std::size_t octets_ = 0;  // that came, interim answers too
    std::size_t interim_ = 0;
    std::string unread_;  // what the parser can't use before there is more
    std::unique_ptr<Parsing> parsing_;
};

}  // namespace postseal::net
