// The Sender Rewriting Scheme: what an alias sends on to a foreign domain leaves under a sender of our own,
// SRS0=HASH=DAY=example.net=bob@our.example, since the forwarded sender's SPF record does not name us; its
// bounces come back to that address, and from it to bob@example.net. A sender that another forwarder made
// becomes SRS1=HASH=forwarder.example==..., so that an address never grows with each forwarder.
// The hash is a MAC that only we can make: without it anyone could send through us. Upper and lower case are
// one, since mail systems on the way change it. Pure; any thread.
#pragma once

#include "base/domain_name.hpp"
#include "base/secret.hpp"
#include "base/time.hpp"
#include "record/mailbox.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace postseal::directory {

class Srs {
public:
    static constexpr std::chrono::days lifetime{21};  // of an SRS0 address: bounces come within a week
    static constexpr std::size_t secretBytes = 32;

    explicit Srs(base::Secret secret) : secret_(std::move(secret)) {}

    /// nullopt: such a sender can't be written into a local part (too long, or of an address literal).
    std::optional<record::Mailbox> forward(const record::Mailbox& sender, const base::DomainName& ours,
                                           base::Timestamp now) const;
    /// Whom an address that forward() made stands for; nullopt: not ours, or older than its lifetime.
    std::optional<record::Mailbox> reverse(std::string_view local, base::Timestamp now) const;

private:
    std::string hash(std::string_view text) const;
    bool isHash(std::string_view given, std::string_view text) const;
    std::optional<record::Mailbox> reverseFirst(std::string_view rest, base::Timestamp now) const;
    std::optional<record::Mailbox> reverseGuarded(std::string_view rest) const;

    base::Secret secret_;
};

}  // namespace postseal::directory
