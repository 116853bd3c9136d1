// The bench programs' command lines: --name value, each name once, none unknown.
#pragma once

#include <map>
#include <stdexcept>
#include <string>

namespace postseal::bench {

class Options {
public:
    /// `defaults` names every option; an option that must be given has the default "".
    Options(int argc, char** argv, std::map<std::string, std::string> defaults)
        : values_(std::move(defaults)) {
        for (int i = 1; i < argc; i += 2) {
            const auto found = values_.find(argv[i]);
            if (found == values_.end() || i + 1 == argc)
                throw std::runtime_error("unknown option, or one without its value: " + std::string(argv[i]));
            found->second = argv[i + 1];
        }
        for (const auto& [name, value] : values_)
            if (value.empty()) throw std::runtime_error(name + " is missing");
    }

    [[nodiscard]] const std::string& text(const std::string& name) const { return values_.at(name); }
    [[nodiscard]] std::size_t number(const std::string& name) const { return std::stoul(values_.at(name)); }
    [[nodiscard]] bool isYes(const std::string& name) const { return values_.at(name) == "yes"; }

private:
    std::map<std::string, std::string> values_;
};

}  // namespace postseal::bench
