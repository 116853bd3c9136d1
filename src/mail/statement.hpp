// The statement of a hop, which readers behind us believe because nobody else can make it: how the message
// came to us, as the hop record has it (docs/statement.md has the grammar):
//
//   Transport-Security: mx.example.org; hop=1; assurance=authenticated; by=client-certificate;
//       name=mail.partner.example; from=partner.example; aligned=yes; protocol=TLSv1.3;
//       cipher=TLS_AES_256_GCM_SHA384; group=X25519; requirement=verify (map)
//
// It begins with our id, one for a site. Fields that bear it and are not ours are taken out on the way in
// (mail/statement_filter). Whatever a stranger chose is a token or a quoted string, so that it can't pose as
// anything else. Pure.
#pragma once

#include "base/domain_name.hpp"
#include "record/hop.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace postseal::mail {

inline constexpr std::string_view statementField = "Transport-Security";

/// Whether the author's domain is the one whose identity the client proved.
enum class Aligned { no, yes };

/// Views are the caller's; nothing is kept.
struct Statement {
    std::string_view id;  // of our site
    unsigned hop = 1;     // within our site, counted from its border
    const record::HopRecord& record;
    std::string_view from = {};           // the author's domain; empty: none, or more than one
    std::optional<Aligned> aligned = {};  // none: nobody's identity was proven
    bool isHidden = false;                // the client's name is nobody's business
};

/// The whole field with its CRLFs, to be put in front of the message.
std::string toField(const Statement& statement);

}  // namespace postseal::mail
