#include "base/result.hpp"

namespace postseal::base {

std::string_view toText(Phase phase) {
    switch (phase) {
    case Phase::none: return "";
    case Phase::configuration: return "configuration";
    case Phase::resolve: return "name lookup";
    case Phase::connect: return "connect";
    case Phase::greeting: return "greeting";
    case Phase::tls: return "TLS";
    case Phase::command: return "command";
    case Phase::data: return "data";
    case Phase::store: return "store";
    case Phase::file: return "file";
    }
    return "";
}

std::string toText(const Error& error) {
    std::string text(toText(error.phase));
    if (!error.detail.empty()) {
        if (!text.empty()) text += ": ";
        text += error.detail;
    }
    if (error.code) {
        const bool bare = text.empty();
        if (!bare) text += " (";
        text += error.code.message();
        if (!bare) text += ')';
    }
    return text;
}

}  // namespace postseal::base
