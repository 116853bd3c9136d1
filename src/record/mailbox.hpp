// A mailbox: local part and domain in one canonical form, on which alone decisions are made (rule 52). The
// local part is kept unquoted and with its case; the domain is a DomainName or, for an address literal, an
// IpAddress. RFC 5321 §4.1.2 (Mailbox), RFC 6531 §3.3, without source routes and %-hacks. Made only by its
// parser. Any thread.
#pragma once

#include "base/domain_name.hpp"
#include "base/ip_address.hpp"
#include "base/result.hpp"

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace postseal::record {

using MailDomain = std::variant<base::DomainName, base::IpAddress>;

std::string toText(const MailDomain& domain);  // example.org, [192.0.2.1], [IPv6:2001:db8::1]
/// A domain name or an address literal in brackets; the error is what is wrong with it, for people.
base::Result<MailDomain, std::string> parseMailDomain(std::string_view text);

/// May the local part hold characters beyond ASCII (RFC 6531 §3.3)? What we stored ourselves may.
enum class Utf8 { refused, allowed };

class Mailbox {
public:
    /// `local@domain`, no angle brackets; quoted local parts are unquoted, `local` is at most 255 bytes.
    /// The error is what is wrong, for people.
    static base::Result<Mailbox, std::string> parse(std::string_view text, Utf8 utf8 = Utf8::refused);
    /// From a local part that is already canonical (unquoted); checked as in parse.
    static base::Result<Mailbox, std::string> make(std::string_view local, MailDomain domain,
                                                   Utf8 utf8 = Utf8::refused);

    const std::string& local() const { return local_; }
    const MailDomain& domain() const { return domain_; }
    /// nullptr for an address literal.
    const base::DomainName* domainName() const { return std::get_if<base::DomainName>(&domain_); }
    /// False: nobody takes it without SMTPUTF8. The domain is ASCII in any case.
    bool isAscii() const;
    /// As RFC 5321 writes it: the local part quoted only where it must be.
    std::string toText() const;

    auto operator<=>(const Mailbox&) const = default;

private:
    Mailbox(std::string local, MailDomain domain) : local_(std::move(local)), domain_(std::move(domain)) {}

    std::string local_;
    MailDomain domain_;
};

/// The envelope sender; nullopt is the null reverse-path `<>` of bounces.
using ReversePath = std::optional<Mailbox>;
std::string toText(const ReversePath& path);  // without brackets; empty for the null reverse-path

}  // namespace postseal::record
