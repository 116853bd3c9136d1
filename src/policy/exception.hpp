// A dated exception: for one recipient domain an administrator sets another level, or relaxes REQUIRETLS,
// until a day, with a reason and in their own name. It stands in every record that it touched and ends by
// itself (docs/memory.md). Pure; any thread.
#pragma once

#include "base/domain_name.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "policy/claim.hpp"
#include "policy/requiretls.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace postseal::policy {

struct Exception {
    std::string domain;                             // A-labels
    std::optional<record::Level> level = {};        // none: the level stays as it is
    std::optional<RequireTlsMode> requireTls = {};  // none: [outbound] requiretls
    base::Timestamp until{};
    std::string owner = {}, reason = {};
    base::Timestamp made{};

    bool holds(base::Timestamp now) const { return now < until; }
    bool operator==(const Exception&) const = default;
};

/// As the command line gives it; empty: not given.
struct ExceptionWords {
    std::string domain, level, requireTls, until, reason;
};
/// The error is what is wrong and what to write, for people.
base::Result<Exception, std::string> parseException(const ExceptionWords& words, std::string owner,
                                                    base::Timestamp now);

/// In place of every other claim but REQUIRETLS; none: it sets no level, or has ended.
std::optional<Claim> exceptionClaim(const Exception& exception, base::Timestamp now);
/// In place of the configuration's.
std::optional<RequireTlsRelaxation> requireTlsOf(const Exception& exception, base::Timestamp now);

/// `alice until 2027-01-31: their server is being replaced`
std::string inWords(const Exception& exception);
/// A time at which a day begins is told as that day.
std::string dayOrTime(base::Timestamp time);

}  // namespace postseal::policy
