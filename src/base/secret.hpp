// Bytes that must not leak: wiped when they go, never printed, never compared by accident. Any thread.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace postseal::base {

class Secret {
public:
    Secret() = default;
    explicit Secret(std::string_view bytes) : bytes_(bytes) {}
    Secret(Secret&& other) noexcept : bytes_(std::move(other.bytes_)) { other.wipe(); }
    Secret& operator=(Secret&& other) noexcept {
        if (this == &other) return *this;
        wipe();
        bytes_ = std::move(other.bytes_);
        other.wipe();
        return *this;
    }
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;
    ~Secret() { wipe(); }

    /// Named so that a reader finds each place where the secret is looked at.
    std::string_view reveal() const { return bytes_; }
    /// In constant time for equal lengths.
    bool equals(std::string_view other) const;

private:
    void wipe() noexcept;

    std::string bytes_;
};

}  // namespace postseal::base
