#include "tls/own_certificate.hpp"

#include "tls/certificates.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace postseal::tls {
namespace {

std::string dayOf(base::Timestamp time) {
    constexpr std::size_t dateDigits = 10;
    return base::toRfc3339(time).substr(0, dateDigits);
}

}  // namespace

std::optional<std::string> dateFault(const X509* certificate, base::Timestamp now) {
    const auto about = describe(certificate);
    if (about.notAfter <= now)
        return fmt::format("ALARM: the certificate expired on {}: servers that ask for proof send us nothing",
                           dayOf(about.notAfter));
    if (about.notBefore > now)
        return fmt::format("ALARM: the certificate is not valid before {}", dayOf(about.notBefore));
    const auto left = std::chrono::floor<std::chrono::days>(about.notAfter - now);
    if (left >= renewalIsLate) return std::nullopt;
    return fmt::format("the certificate expires on {} ({} days left) and should have been renewed",
                       dayOf(about.notAfter), left.count());
}

std::optional<std::string> nameFault(std::span<const Certificate> ours, const base::DomainName& hostname) {
    const record::NamePattern pattern{record::NamePattern::Kind::exact, hostname.text()};
    std::string names;
    for (const auto& certificate : ours) {
        if (matchingName(certificate.get(), pattern)) return std::nullopt;
        for (const auto& name : namesOf(certificate.get()))
            names += (names.empty() ? "" : ", ") + name;
    }
    if (ours.empty()) return std::nullopt;
    return fmt::format("no certificate is for {}, but for {}: servers that ask for proof by name refuse us",
                       hostname.text(), names.empty() ? "no name" : names);
}

}  // namespace postseal::tls
