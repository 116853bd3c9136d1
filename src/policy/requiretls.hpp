// What a message's own word about TLS means on one hop (RFC 8689 §4.2): whether REQUIRETLS must be said
// there, and what its demand adds to the claims on the destination. The way out of it is an administrator's
// dated relaxation, nothing else (rule 30): the modes are those of Postfix's smtp_requiretls_policy. Pure.
#pragma once

#include "base/time.hpp"
#include "policy/claim.hpp"
#include "record/envelope.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace postseal::policy {

enum class RequireTlsMode {
    enforce,                // TLS, the host proven, the keyword
    opportunisticStartTls,  // TLS, and the keyword where it is offered
    opportunistic,          // the keyword where it is offered
    disable,                // as if the message had not asked
};
inline constexpr std::array<std::pair<std::string_view, RequireTlsMode>, 4> requireTlsModes{
    {{"enforce", RequireTlsMode::enforce},
     {"opportunistic+starttls", RequireTlsMode::opportunisticStartTls},
     {"opportunistic", RequireTlsMode::opportunistic},
     {"disable", RequireTlsMode::disable}}};
std::string_view toText(RequireTlsMode mode);
std::optional<RequireTlsMode> parseRequireTlsMode(std::string_view text);

/// A departure from `enforce`: it ends by itself.
struct RequireTlsRelaxation {
    RequireTlsMode mode = RequireTlsMode::enforce;
    base::Timestamp until{};
    std::string reason = {};

    bool operator==(const RequireTlsRelaxation&) const = default;
};

/// Of a relaxation that may be there, at `now`.
RequireTlsMode modeAt(const std::optional<RequireTlsRelaxation>& relaxation, base::Timestamp now);

/// A report has the null reverse-path.
enum class MailKind { message, report };

struct RequireTlsOnHop {
    record::RequireTls keyword = record::RequireTls::no;
    std::optional<Claim> claim = {};  // none: nothing is demanded

    bool operator==(const RequireTlsOnHop&) const = default;
};
/// A report is handled as `opportunisticStartTls` at most: it brings back only the header, and where the way
/// back knows no REQUIRETLS it must not be lost (RFC 8689 §5, Postfix's requiretls_redact_dsn).
RequireTlsOnHop requireTlsOnHop(record::TlsDemand demand, MailKind kind, RequireTlsMode mode);

}  // namespace postseal::policy
