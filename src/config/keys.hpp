// The keys of each section, a file a subject; schema.cpp puts them together.
#pragma once

#include "config/schema.hpp"

#include <span>

namespace postseal::config {

std::span<const Key> topKeys();
std::span<const Key> tlsKeys();
std::span<const Key> certificateKeys();
std::span<const Key> listenerKeys();
std::span<const Key> domainKeys();
std::span<const Key> routeKeys();
std::span<const Key> inboundKeys();
std::span<const Key> statementKeys();
std::span<const Key> limitsKeys();
std::span<const Key> limitsTimeoutKeys();
std::span<const Key> outboundKeys();
std::span<const Key> retryKeys();
std::span<const Key> outboundTimeoutKeys();
std::span<const Key> allianceKeys();
std::span<const Key> dnsKeys();
std::span<const Key> selfTestKeys();
std::span<const Key> ledgerKeys();
std::span<const Key> storeKeys();
std::span<const Key> logKeys();

void endCertificate(Draft& draft, std::size_t line, const std::string& key, Notes& notes);
void endListener(Draft& draft, std::size_t line, const std::string& key, Notes& notes);
void endDomain(Draft& draft, std::size_t line, const std::string& key, Notes& notes);
void endRoute(Draft& draft, std::size_t line, const std::string& key, Notes& notes);
/// Whether the resolver's word may be taken.
void reviewResolver(Draft& draft, Notes& notes);
/// When all of them are there: what an administrator should know of them.
void reviewDirectory(Draft& draft);

}  // namespace postseal::config
