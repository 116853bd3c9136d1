#include "directory/maildirs.hpp"

#include <utility>

namespace postseal::directory {
namespace {

using base::fail;

constexpr std::size_t longestName = 255;  // NAME_MAX
constexpr std::string_view localSign = "{local}";
constexpr std::string_view domainSign = "{domain}";

std::string replaced(std::string text, std::string_view sign, std::string_view value) {
    for (auto at = text.find(sign); at != std::string::npos; at = text.find(sign, at + value.size()))
        text.replace(at, sign.size(), value);
    return text;
}

/// No way out of its folder, and none to a file that is hidden.
bool isPlainName(std::string_view local) {
    return !local.empty() && local.size() <= longestName && !local.starts_with('.') &&
           local.find_first_of(std::string_view("/\0", 2)) == std::string_view::npos;
}

}  // namespace

base::Result<Maildirs, std::string> Maildirs::parse(std::string_view pattern) {
    if (!pattern.starts_with('/')) return fail(std::string("the path is not absolute"));
    const std::string path(pattern.substr(0, pattern.find_last_not_of('/') + 1));
    if (path.find(localSign) == std::string::npos)
        return fail(std::string("{local} is missing: all would share one mailbox"));
    const auto rest = replaced(replaced(path, localSign, ""), domainSign, "");
    if (rest.find_first_of("{}") != std::string::npos)
        return fail(std::string("only {local} and {domain} are known"));
    for (const std::string_view step : {"/../", "/./", "//"})
        if ((path + '/').find(step) != std::string::npos)
            return fail("the path has '" + std::string(step) + "' in it");

    Maildirs maildirs;
    const auto slash = path.rfind('/', path.find('{'));
    maildirs.root_ = slash == 0 ? "/" : path.substr(0, slash);
    maildirs.below_ = path.substr(slash + 1);
    return maildirs;
}

std::optional<Maildirs::Place> Maildirs::place(std::string_view local, const base::DomainName& domain) const {
    if (!isPlainName(local)) return std::nullopt;
    // The domain first: a local part may be "{domain}" in letters.
    return Place{root_, replaced(replaced(below_, domainSign, domain.text()), localSign, local)};
}

}  // namespace postseal::directory
