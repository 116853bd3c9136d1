#include "app/privileges.hpp"

#include <grp.h>
#include <pwd.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace postseal::app {
namespace {

base::Error failure(int code, std::string detail) {
    return {std::error_code(code, std::generic_category()), base::Phase::configuration, std::move(detail)};
}

struct Account {
    uid_t user;
    gid_t group;
};

base::Result<Account> lookUp(const std::string& user) {
    errno = 0;
    const auto* entry = ::getpwnam(user.c_str());
    if (entry == nullptr) return base::fail(failure(errno, "there is no account '" + user + "'"));
    return Account{entry->pw_uid, entry->pw_gid};
}

}  // namespace

bool isRoot() {
    return ::geteuid() == 0;
}

base::Result<::uid_t> findUser(const std::string& user) {
    const auto account = lookUp(user);
    if (!account) return base::fail(account.error());
    return account->user;
}

bool isUser(const std::string& user) {
    const auto account = lookUp(user);
    return account && account->user == ::geteuid();
}

base::Result<void> giveTo(const std::string& user, const std::string& path) {
    const auto account = lookUp(user);
    if (!account) return base::fail(account.error());
    if (::chown(path.c_str(), account->user, account->group) != 0)
        return base::fail(failure(errno, "giving " + path + " to " + user));
    return {};
}

base::Result<void> becomeUser(const std::string& user) {
    const auto account = lookUp(user);
    if (!account) return base::fail(account.error());
    // Groups first: without root they can't be given up any more.
    if (::initgroups(user.c_str(), account->group) != 0 || ::setgid(account->group) != 0 ||
        ::setuid(account->user) != 0)
        return base::fail(failure(errno, "becoming " + user));
    if (account->user != 0 && ::setuid(0) == 0)
        return base::fail(failure(0, "root came back after leaving it"));
    return {};
}

std::size_t raiseDescriptorLimit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
    const rlimit wanted{limit.rlim_max, limit.rlim_max};
    return ::setrlimit(RLIMIT_NOFILE, &wanted) == 0 ? wanted.rlim_cur : limit.rlim_cur;
}

std::size_t mostDescriptors() {
    rlimit limit{};
    return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_max : 0;
}

void ignoreBrokenPipes() {
    std::signal(SIGPIPE, SIG_IGN);
}

}  // namespace postseal::app
