// Postfix's words where our configuration has others: parameters of main.cf written as keys, and the types of
// tables that stand before a path. Who comes from Postfix is told the key that he looks for.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace postseal::config {

struct PostfixName {
    std::string_view parameter;
    std::string_view ours;   // the key's whole name, such as outbound.policy_map
    std::string_view words;  // what is told in place of "that is KEY here"; empty: that
};

std::span<const PostfixName> postfixNames();
/// nullptr: no parameter of Postfix that has a counterpart.
const PostfixName* findPostfixName(std::string_view parameter);

/// The type that stands before a path (`hash` of `hash:/etc/postfix/tls_policy`); empty: none does.
std::string_view tableTypeOf(std::string_view path);
/// What to write in place of such a path.
std::string cureOfTable(std::string_view path);

}  // namespace postseal::config
