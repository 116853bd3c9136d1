#include "config/error.hpp"

namespace postseal::config {

std::string toText(const ConfigError& error) {
    std::string text = error.file;
    if (error.line != 0) text += ':' + std::to_string(error.line);
    text += ": ";
    if (!error.key.empty()) text += error.key + ": ";
    text += error.message;
    if (!error.hint.empty()) text += "; " + error.hint;
    return text;
}

std::string toText(const std::vector<ConfigError>& errors) {
    std::string text;
    for (const auto& error : errors)
        text += toText(error) + '\n';
    return text;
}

}  // namespace postseal::config
