#include "record/certificate_name.hpp"

#include "base/ascii.hpp"

#include <algorithm>

namespace postseal::record {
namespace {

/// `*.example.org` for `mx.example.org`.
bool wildcardFits(std::string_view name, std::string_view host) {
    if (!name.starts_with("*.") || name.find('.', 2) == name.npos) return false;
    const auto dot = host.find('.');
    if (dot == host.npos || dot == 0) return false;
    const auto label = host.substr(0, dot);
    return host.substr(dot) == name.substr(1) &&
           std::ranges::all_of(label, [](char c) { return base::isAlnum(c) || c == '-'; });
}

}  // namespace

bool certificateNameFits(std::string_view name, const NamePattern& pattern) {
    switch (pattern.kind) {
    case NamePattern::Kind::exact: return name == pattern.name || wildcardFits(name, pattern.name);
    case NamePattern::Kind::below:
        return !pattern.name.empty() && name.size() > pattern.name.size() + 1 &&
               name.ends_with(pattern.name) && name[name.size() - pattern.name.size() - 1] == '.';
    case NamePattern::Kind::nexthop:
    case NamePattern::Kind::dotNexthop:
    case NamePattern::Kind::hostname: return false;
    }
    return false;
}

}  // namespace postseal::record
