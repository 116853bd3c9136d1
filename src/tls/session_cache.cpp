#include "tls/session_cache.hpp"

#include "tls/certificates.hpp"
#include "tls/ticket_slot.hpp"

#include <openssl/crypto.h>
#include <openssl/ssl.h>

#include <algorithm>

namespace postseal::tls {
namespace {

void freeSlot(void* /*parent*/, void* slot, CRYPTO_EX_DATA* /*data*/, int /*index*/, long /*number*/,
              void* /*argument*/) {
    delete static_cast<TicketSlot*>(slot);
}

int slotIndex() {
    static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, freeSlot);
    return index;
}

int received(SSL* session, SSL_SESSION* given) {
    slotOf(session).received.reset(given);
    return 1;  // the reference is ours now
}

/// TLS 1.2 servers that do not renew a ticket when it is used mean it to be used again.
SslSession stillGood(SSL* session) {
    if (SSL_session_reused(session) != 1 || SSL_version(session) >= TLS1_3_VERSION) return nullptr;
    return SslSession(SSL_get1_session(session));
}

}  // namespace

TicketSlot& slotOf(SSL* session) {
    auto* slot = static_cast<TicketSlot*>(SSL_get_ex_data(session, slotIndex()));
    if (slot == nullptr) {
        slot = new TicketSlot;
        SSL_set_ex_data(session, slotIndex(), slot);
    }
    return *slot;
}

void collectTickets(SSL_CTX* context) {
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, received);
}

std::string sessionKey(std::string_view hostAndPort, const record::Requirement& requirement) {
    return std::string(hostAndPort) + ' ' + toText(requirement);
}

void SessionCache::offer(const std::string& key, SSL* session, base::Timestamp now) {
    const auto found = byKey_.find(key);
    if (found == byKey_.end()) return;
    const auto newest = found->second.back();
    Kept kept = std::move(*newest);
    found->second.pop_back();
    if (found->second.empty()) byKey_.erase(found);
    byAge_.erase(newest);
    if (kept.until <= now || SSL_set_session(session, kept.session.get()) != 1) return;
    auto& slot = slotOf(session);
    slot.offered = std::move(kept.verdict);
    slot.offeredUntil = kept.until;
}

void SessionCache::keep(const std::string& key, SSL* session, const Verdict& verdict, base::Timestamp now) {
    if (!verdict.met || bound_ == 0) return;
    auto& slot = slotOf(session);
    const auto given = slot.received ? std::move(slot.received) : stillGood(session);
    if (!given || SSL_SESSION_is_resumable(given.get()) != 1) return;
    // A copy: OpenSSL spoils a connection's own session when that is freed without a close_notify.
    SslSession copy(SSL_SESSION_dup(given.get()));
    if (!copy) return;

    // A chain of resumptions ends when the verdict that began it does.
    auto until = SSL_session_reused(session) == 1 ? slot.offeredUntil : now + longestAge;
    if (const X509* peer = SSL_get0_peer_certificate(session); peer != nullptr)
        until = std::min(until, describe(peer).notAfter);

    if (const auto same = byKey_.find(key); same != byKey_.end() && same->second.size() >= mostPerKey)
        forget(same->second.front());
    if (byAge_.size() >= bound_) forget(byAge_.begin());
    byAge_.push_back({key, std::move(copy), verdict, until});
    byKey_[key].push_back(std::prev(byAge_.end()));
}

void SessionCache::forget(std::list<Kept>::iterator kept) {
    const auto same = byKey_.find(kept->key);
    std::erase(same->second, kept);
    if (same->second.empty()) byKey_.erase(same);
    byAge_.erase(kept);
}

void SessionCache::clear() {
    byKey_.clear();
    byAge_.clear();
}

}  // namespace postseal::tls
