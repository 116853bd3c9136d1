// What is wrong with a configuration: file, line, key, words, and what to write instead. Printed as
// `postseal.toml:12: tls.certificats: unknown key; did you mean "certificates"?`
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace postseal::config {

struct ConfigError {
    std::string file;
    std::size_t line = 0;  // 0: of the whole file
    std::string key;       // tls.certificates, listener[2].address; empty: none in particular
    std::string message;
    std::string hint;  // empty: none

    bool operator==(const ConfigError&) const = default;
};

std::string toText(const ConfigError& error);
std::string toText(const std::vector<ConfigError>& errors);  // a line each

}  // namespace postseal::config
