// Whose statement a `Transport-Security` field poses as. A forged one may be written in any way that some
// reader takes for our id: in another case, folded, with comments and quotes, as an internationalized name,
// with octets between that readers pass over. So it is ours where any reading gives our id, and others' where
// none does (rule 40; RFC 8601 §5). Input is hostile. Pure.
#pragma once

#include "base/domain_name.hpp"

#include <string_view>

namespace postseal::mail {

/// The name before the colon, of a field as far as it has come.
enum class IsStatement { no, notYetKnown, yes };
IsStatement isStatement(std::string_view field);

/// Of a field's value, folded as it came. Where a comment or a quote has no end, or the id of a cut one has
/// not come to its own, nobody can tell whose it is: true.
enum class Extent { whole, cut };
bool bearsId(std::string_view value, Extent extent, const base::DomainName& id);

}  // namespace postseal::mail
