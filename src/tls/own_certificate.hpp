// What an administrator should know of a certificate that his own server shows: who asks for proof (MTA-STS,
// `secure`, DANE-TA) refuses one that has expired or is for another name, and nobody tells him. Pure; any
// thread.
#pragma once

#include "base/domain_name.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "tls/handles.hpp"

#include <chrono>
#include <optional>
#include <span>
#include <string>

namespace postseal::tls {

/// Certbot renews thirty days before the end: two weeks before it, that has failed for a while.
constexpr std::chrono::days renewalIsLate{14};

/// Expired, about to, or not valid yet; words that follow the file's name. nullopt: nothing.
std::optional<std::string> dateFault(const X509* certificate, base::Timestamp now);

/// None of our certificates is for our name; words for people. nullopt: one is.
std::optional<std::string> nameFault(std::span<const Certificate> ours, const base::DomainName& hostname);

}  // namespace postseal::tls
