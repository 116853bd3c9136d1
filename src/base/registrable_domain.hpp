// Who answers for a name: the domain that was registered, one label below a public suffix (publicsuffix.org),
// so that what is shared out among strangers is shared among them and not among the names that they make up.
// The list is the one that libpsl was built with: no file is read. Any thread.
#pragma once

#include <string>
#include <string_view>

namespace postseal::base {

/// `example.co.uk` of `mx.mail.example.co.uk`; A-labels in lower case. A name that is itself a public suffix,
/// or has no dot, answers for itself; so does what is no name.
std::string registrableDomain(std::string_view domain);
/// Names directly below it are registered by strangers: `co.uk`, `github.io`, every name without a dot.
bool isPublicSuffix(std::string_view domain);

}  // namespace postseal::base
