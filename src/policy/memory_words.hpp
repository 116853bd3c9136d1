// What an administrator reads when mail to a domain becomes less than what is remembered, is as before again,
// or less is what holds from now on. In English, as logs are. Pure; any thread.
#pragma once

#include "policy/memory.hpp"

#include <string>

namespace postseal::policy {

/// Of a memory that has fallen from `wanted`.
std::string fallenWords(const Memory& memory, record::Assurance wanted, const Contact& contact,
                        const MemorySettings& settings);
std::string recoveredWords(const Memory& memory, record::Assurance wanted, record::Assurance had);
std::string graceOverWords(const Memory& memory, record::Assurance wanted);

}  // namespace postseal::policy
