// What the process may do: the account it runs as, the number of its descriptors, the signals it ignores.
// Called once at start, before other threads run.
#pragma once

#include "base/result.hpp"

#include <sys/types.h>

#include <string>

namespace postseal::app {

bool isRoot();
/// The account's uid, without becoming it.
base::Result<::uid_t> findUser(const std::string& user);
/// Whether we are that account already.
bool isUser(const std::string& user);
/// Gives `path` to the account; for what was made while still root.
base::Result<void> giveTo(const std::string& user, const std::string& path);
/// For good: groups, group and user. Fails where any of it can't be done, and then the caller must not go on.
base::Result<void> becomeUser(const std::string& user);
/// Descriptors up to the hard limit; gives what holds now.
std::size_t raiseDescriptorLimit();
/// How many it can raise them to.
std::size_t mostDescriptors();
/// A peer that hangs up is an error code, never a signal.
void ignoreBrokenPipes();

}  // namespace postseal::app
