#include "directory/routes.hpp"

namespace postseal::directory {

using base::fail;
using base::Result;

Result<void, std::string> Routes::add(std::string_view pattern, Route route) {
    if (pattern == "*") {
        if (route.relayed) return fail(std::string("for '*' would take mail for everyone from anyone"));
        if (smarthost_) return fail(std::string("there is a route for '*' already"));
        smarthost_ = std::move(route);
        return {};
    }
    const bool below = pattern.starts_with('.');
    const auto name = base::DomainName::parse(below ? pattern.substr(1) : pattern);
    if (!name) return fail("the domain " + name.error());
    auto& routes = below ? below_ : exact_;
    if (!routes.emplace(name->text(), std::move(route)).second)
        return fail("there is a route for '" + std::string(pattern) + "' already");
    return {};
}

const Route* Routes::find(const record::MailDomain& domain) const {
    const auto* const smarthost = smarthost_ ? &*smarthost_ : nullptr;
    const auto* const name = std::get_if<base::DomainName>(&domain);
    if (name == nullptr) return smarthost;
    if (const auto found = exact_.find(name->text()); found != exact_.end()) return &found->second;
    for (auto dot = name->text().find('.'); dot != std::string::npos; dot = name->text().find('.', dot + 1)) {
        const auto found = below_.find(std::string_view(name->text()).substr(dot + 1));
        if (found != below_.end()) return &found->second;
    }
    return smarthost;
}

}  // namespace postseal::directory
