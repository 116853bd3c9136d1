// How many commands of each kind a session had, and how many of them were accepted: the tail of Postfix's
// `disconnect from` line. A DATA is answered when its text is. Pure.
#pragma once

#include "smtp/command.hpp"
#include "smtp/reply.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>

namespace postseal::smtp {

class CommandCounts {
public:
    void begin(std::optional<Verb> verb);  // nullopt: no command that we know
    void answered(const Reply& reply);     // the reply to what began last, if that has none yet
    /// `ehlo=2 starttls=1 mail=1 rcpt=1/2 data=1 quit=1 commands=7/8`: accepted/all, one where they are
    /// equal.
    std::string toText() const;

private:
    struct Count {
        std::uint32_t accepted = 0, all = 0;
    };
    static constexpr std::size_t unknown = verbCount;
    std::array<Count, verbCount + 1> counts_{};
    std::optional<std::size_t> open_;
};

}  // namespace postseal::smtp
