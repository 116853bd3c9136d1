// What can go wrong in the store, as error codes in base::Error (Phase::store). The caller needs five
// answers: this batch alone was refused (conflict), the disk is full (452), it is broken for now (451),
// another owner has it, or the store was made by a newer version. Any thread.
#pragma once

#include "base/result.hpp"

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

namespace postseal::store {

enum class Errc {
    conflict = 1,  // a guard or constraint refused this batch; nothing of it was written, others were
    full,          // no space left: answer 452; what is stored stays valid
    io,            // a read, write or fsync failed: answer 451; the store is reopened before the next commit
    corrupt,       // the file is damaged or is no database
    busy,          // another process holds the lock for longer than we wait
    owned,         // another server owns the data directory
    newer,         // written by a newer version of Postseal
    closed,        // the writer is stopping
    misuse,        // a statement that the engine refuses: a fault of ours
};

const std::error_category& category() noexcept;

// NOLINTNEXTLINE(readability-identifier-naming): the name that std looks for
inline std::error_code make_error_code(Errc code) noexcept {
    return {static_cast<int>(code), category()};
}

inline base::Error makeError(Errc code, std::string detail) {
    return {make_error_code(code), base::Phase::store, std::move(detail)};
}

/// Of a call on a file or directory that set errno; a full disk becomes Errc::full, so that all name it
/// alike.
inline base::Error systemError(int number, std::string detail) {
    if (number == ENOSPC || number == EDQUOT)
        return {make_error_code(Errc::full), base::Phase::file, std::move(detail)};
    return {std::error_code(number, std::system_category()), base::Phase::file, std::move(detail)};
}

}  // namespace postseal::store

template <>
struct std::is_error_code_enum<postseal::store::Errc> : std::true_type {};
