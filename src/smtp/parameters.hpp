// What stands behind the address of MAIL and RCPT: SIZE (RFC 1870), BODY (6152), SMTPUTF8 (6531 §3.4),
// REQUIRETLS (8689 §2), RET, ENVID, NOTIFY, ORCPT (3461 §4). Each at most once: 501; unknown ones: 555 (RFC
// 5321 §4.1.1.11). Input is hostile. Pure.
#pragma once

#include "base/result.hpp"
#include "record/envelope.hpp"
#include "smtp/command.hpp"
#include "smtp/reply.hpp"

#include <string_view>

namespace postseal::smtp {

/// `rest` is empty or begins with a space.
base::Result<void, Reply> takeMailParameters(std::string_view rest, Parameters parameters,
                                             record::Envelope& envelope);
base::Result<void, Reply> takeRcptParameters(std::string_view rest, const RcptRules& rules,
                                             record::Recipient& recipient);

}  // namespace postseal::smtp
