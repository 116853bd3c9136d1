// TLS sessions that a server gave us, to be resumed. The key is who (host:port) and the whole text of the
// requirement (rules 16, 57): a session made under one requirement is never offered under another. A session
// is kept with the verdict that it was made under, offered once (RFC 8446 §C.4), and forgotten after an hour
// or when its certificate ends. One per core; bounded, the oldest goes first.
#pragma once

#include "base/time.hpp"
#include "tls/verify.hpp"

#include <cstddef>
#include <list>
#include <string>
#include <unordered_map>
#include <vector>

namespace postseal::tls {

std::string sessionKey(std::string_view hostAndPort, const record::Requirement& requirement);

class SessionCache {
public:
    static constexpr std::chrono::hours longestAge{1};
    // Connections to one host at a time each want a ticket of their own (deliver's default concurrency, and
    // room).
    static constexpr std::size_t mostPerKey = 32;
    explicit SessionCache(std::size_t bound) : bound_(bound) {}

    /// Before the handshake: offers the kept session, if there is one, and lays its verdict beside it.
    void offer(const std::string& key, SSL* session, base::Timestamp now);
    /// When the connection ends (tickets of TLS 1.3 come late): keeps what the server gave, where the verdict
    /// is met.
    void keep(const std::string& key, SSL* session, const Verdict& verdict, base::Timestamp now);

    std::size_t size() const { return byAge_.size(); }
    void clear();

private:
    struct Kept {
        std::string key;
        SslSession session;
        Verdict verdict;
        base::Timestamp until;
    };
    void forget(std::list<Kept>::iterator kept);

    std::size_t bound_;
    std::list<Kept> byAge_;                                                          // oldest first
    std::unordered_map<std::string, std::vector<std::list<Kept>::iterator>> byKey_;  // the newest last
};

}  // namespace postseal::tls
