// What a sender asks to be told, as MAIL and RCPT have it: RET, ENVID, NOTIFY, ORCPT (RFC 3461 §4; addresses
// of type utf-8: RFC 6533 §3), read by our server and written by our client. Values here are decoded, and
// hold no control character. Input is hostile. Pure.
#pragma once

#include "base/result.hpp"
#include "record/envelope.hpp"
#include "smtp/reply.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace postseal::smtp {

inline constexpr std::size_t longestEnvelopeId = 100;         // encoded; RFC 3461 §4.4
inline constexpr std::size_t longestOriginalRecipient = 500;  // encoded; §4.2

/// The values behind `RET=`, `ENVID=`, `NOTIFY=`, `ORCPT=`. The error is a 501.
base::Result<record::Returned, Reply> parseReturned(std::string_view value);
base::Result<std::string, Reply> parseEnvelopeId(std::string_view value);
base::Result<record::Notify, Reply> parseNotify(std::string_view value);
/// `rfc822;bob@example.org`. Unencoded UTF-8 is taken where SMTPUTF8 was asked for.
base::Result<std::string, Reply> parseOriginalRecipient(std::string_view value, record::Utf8 utf8);

/// ` RET=HDRS ENVID=QQ314159`, each with its space in front; empty where nothing was asked.
std::string mailDsnParameters(record::Returned returned, std::string_view envelopeId);
/// ` NOTIFY=SUCCESS,DELAY ORCPT=rfc822;bob@example.org`, always ASCII. An original recipient that grows too
/// long by the encoding is left out.
std::string rcptDsnParameters(const record::Notify& notify, std::string_view original);

}  // namespace postseal::smtp
