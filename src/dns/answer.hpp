// What was asked of DNS and what came back, as values: the four outcomes that mail must never confuse, the
// records, and how DNSSEC stands. Also the reading of rdata from the wire (RFC 1035 §3.3, RFC 3596, RFC 6698
// §2.1). Pure: asking is net/resolver's. What comes from the network is hostile; nothing here throws on it.
#pragma once

#include "base/domain_name.hpp"
#include "base/ip_address.hpp"
#include "record/hop.hpp"
#include "record/tlsa.hpp"

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace postseal::dns {

enum class Type : std::uint16_t { a = 1, cname = 5, ptr = 12, mx = 15, txt = 16, aaaa = 28, tlsa = 52 };
std::string_view toText(Type type);  // MX, AAAA, ...

struct Question {
    base::DomainName name;
    Type type = Type::a;

    auto operator<=>(const Question&) const = default;
};

/// The PTR question for the names of an address (RFC 1035 §3.5, RFC 3596 §2.5).
Question reverseQuestion(const base::IpAddress& address);

struct Mx {
    std::uint16_t preference = 0;
    std::optional<base::DomainName> host;  // none: the root, which says "no mail here" (RFC 7505)

    auto operator<=>(const Mx&) const = default;
};

struct Text {
    std::string joined;  // the character strings of one TXT record, put together without separator

    auto operator<=>(const Text&) const = default;
};

/// All of the question's type; a CNAME has one target. Empty lists never stand for "could not ask".
using Records = std::variant<std::monostate, std::vector<Mx>, std::vector<base::IpAddress>, std::vector<Text>,
                             std::vector<record::Tlsa>, std::vector<base::DomainName>, base::DomainName>;

enum class Status {
    found,
    noData,    // the name exists, records of this type don't
    noDomain,  // NXDOMAIN: the name does not exist
    failed,    // SERVFAIL, timeout, bogus, malformed: nothing is known
};

struct Answer {
    Status status = Status::failed;
    record::DnssecStatus dnssec = record::DnssecStatus::insecure;  // of the whole alias chain; a denial's too
    Records records{};
    std::optional<base::DomainName> canonical{};  // after all aliases; none: the name asked is no alias
    std::size_t unusable = 0;                     // MX or PTR records left out, whose host is no domain name
    std::chrono::seconds ttl{0};
    std::string why{};  // status failed: for people

    /// The records of type T; empty where there are none.
    template <class T>
    std::span<const T> all() const {
        const auto* list = std::get_if<std::vector<T>>(&records);
        return list == nullptr ? std::span<const T>() : std::span<const T>(*list);
    }
    bool operator==(const Answer&) const = default;
};

/// An answer that never came, or could not be believed.
Answer failed(std::string why, record::DnssecStatus dnssec = record::DnssecStatus::insecure);

/// What a validating resolver says, before its bytes are read (the fields of libunbound's ub_result). Views
/// are the resolver's.
struct Reply {
    int rcode = 0;
    bool hasData = false;
    bool noDomain = false;
    bool secure = false;
    bool bogus = false;
    std::string_view whyBogus{};
    std::string_view canonicalName{};  // empty or the question's: no alias
    std::chrono::seconds ttl{0};
    std::vector<std::span<const std::byte>> rdata{};  // names in it uncompressed
};

/// Bogus is tested before secure, an error before "no data". One malformed record spoils the answer (failed),
/// but an MX or PTR record whose host is a well-formed name that no host can have is left out and counted.
Answer readReply(const Question& question, const Reply& reply);

}  // namespace postseal::dns
