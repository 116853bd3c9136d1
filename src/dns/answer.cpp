#include "dns/answer.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <array>
#include <ranges>

namespace postseal::dns {
namespace {

using base::DomainName;
using base::IpAddress;
using Bytes = std::span<const std::byte>;

constexpr std::size_t longestName = 255;  // on the wire (RFC 1035 §3.1)
constexpr std::size_t longestLabel = 63;
constexpr int nameError = 3;  // the rcode NXDOMAIN

std::uint8_t octet(Bytes bytes, std::size_t at) {
    return std::to_integer<std::uint8_t>(bytes[at]);
}

/// A name as it stands on the wire, whole and alone, as text without the trailing dot; the root is empty.
/// Dots and other signs inside a label are escaped, so that they can't pass for a label's end.
std::optional<std::string> readName(Bytes bytes) {
    if (bytes.size() > longestName) return std::nullopt;
    std::string text;
    for (std::size_t at = 0; at < bytes.size();) {
        const std::size_t length = octet(bytes, at++);
        if (length == 0) return at == bytes.size() ? std::optional(text) : std::nullopt;
        if (length > longestLabel || length > bytes.size() - at) return std::nullopt;  // no compression here
        if (!text.empty()) text += '.';
        for (const char c : base::asText(bytes.subspan(at, length)))
            text += base::isAlnum(c) || c == '-' || c == '_' ? c : '\\';
        at += length;
    }
    return std::nullopt;
}

/// nullopt: malformed; an inner nullopt: a name, but no host's.
std::optional<std::optional<DomainName>> readHost(Bytes bytes) {
    const auto text = readName(bytes);
    if (!text) return std::nullopt;
    const auto name = DomainName::parse(*text);
    return name ? std::optional(*name) : std::nullopt;
}

std::optional<std::string> readStrings(Bytes bytes) {
    std::string joined;
    for (std::size_t at = 0; at < bytes.size();) {
        const std::size_t length = octet(bytes, at++);
        if (length > bytes.size() - at) return std::nullopt;
        joined += base::asText(bytes.subspan(at, length));
        at += length;
    }
    return bytes.empty() ? std::nullopt : std::optional(std::move(joined));
}

std::optional<IpAddress> readAddress(Type type, Bytes bytes) {
    const auto copy = [&](auto array) {
        std::ranges::transform(bytes, array.begin(),
                               [](std::byte b) { return std::to_integer<std::uint8_t>(b); });
        return array;
    };
    if (type == Type::a && bytes.size() == 4) return IpAddress::v4(copy(std::array<std::uint8_t, 4>{}));
    if (type == Type::aaaa && bytes.size() == 16) return IpAddress::v6(copy(std::array<std::uint8_t, 16>{}));
    return std::nullopt;
}

std::optional<record::Tlsa> readTlsa(Bytes bytes) {
    if (bytes.size() < 4) return std::nullopt;  // three numbers and at least one byte of data
    return record::Tlsa{octet(bytes, 0), octet(bytes, 1), octet(bytes, 2),
                        base::Bytes(bytes.begin() + 3, bytes.end())};
}

template <class T, class Read>
bool readAll(const Reply& reply, Answer& answer, Read read) {
    std::vector<T> list;
    list.reserve(reply.rdata.size());
    for (const auto bytes : reply.rdata) {
        auto one = read(bytes);
        if (!one) return false;
        list.push_back(std::move(*one));
    }
    answer.records = std::move(list);
    return true;
}

bool readMx(const Reply& reply, Answer& answer) {
    std::vector<Mx> list;
    for (const auto bytes : reply.rdata) {
        if (bytes.size() < 3) return false;
        const auto preference = static_cast<std::uint16_t>(octet(bytes, 0) << 8 | octet(bytes, 1));
        if (bytes.size() == 3 && octet(bytes, 2) == 0) {
            list.push_back({preference, std::nullopt});
            continue;
        }
        auto host = readHost(bytes.subspan(2));
        if (!host) return false;
        if (*host)
            list.push_back({preference, std::move(*host)});
        else
            ++answer.unusable;
    }
    answer.records = std::move(list);
    return true;
}

bool readPointers(const Reply& reply, Answer& answer) {
    std::vector<DomainName> list;
    for (const auto bytes : reply.rdata) {
        auto host = readHost(bytes);
        if (!host) return false;
        if (*host)
            list.push_back(std::move(**host));
        else
            ++answer.unusable;
    }
    answer.records = std::move(list);
    return true;
}

bool readCname(const Reply& reply, Answer& answer) {
    if (reply.rdata.size() != 1) return false;  // RFC 2181 §10.1
    auto target = readHost(reply.rdata.front());
    if (!target || !*target) return false;
    answer.records = std::move(**target);
    return true;
}

bool readRecords(Type type, const Reply& reply, Answer& answer) {
    switch (type) {
    case Type::a:
    case Type::aaaa: return readAll<IpAddress>(reply, answer, [=](Bytes b) { return readAddress(type, b); });
    case Type::mx: return readMx(reply, answer);
    case Type::txt:
        return readAll<Text>(reply, answer, [](Bytes b) -> std::optional<Text> {
            auto joined = readStrings(b);
            if (!joined) return std::nullopt;
            return Text{std::move(*joined)};
        });
    case Type::tlsa: return readAll<record::Tlsa>(reply, answer, readTlsa);
    case Type::cname: return readCname(reply, answer);
    case Type::ptr: return readPointers(reply, answer);
    }
    return false;
}

std::string asked(const Question& question) {
    return std::string(toText(question.type)) + " of " + question.name.text();
}

std::string rcodeText(int rcode) {
    constexpr std::array<std::string_view, 6> names{"NOERROR",  "FORMERR", "SERVFAIL",
                                                    "NXDOMAIN", "NOTIMP",  "REFUSED"};
    if (rcode >= 0 && static_cast<std::size_t>(rcode) < names.size())
        return std::string(names[static_cast<std::size_t>(rcode)]);
    return "rcode " + std::to_string(rcode);
}

}  // namespace

std::string_view toText(Type type) {
    switch (type) {
    case Type::a: return "A";
    case Type::cname: return "CNAME";
    case Type::ptr: return "PTR";
    case Type::mx: return "MX";
    case Type::txt: return "TXT";
    case Type::aaaa: return "AAAA";
    case Type::tlsa: return "TLSA";
    }
    return "";
}

Question reverseQuestion(const IpAddress& address) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string name;
    for (const auto byte : address.bytes() | std::views::reverse) {
        if (address.isV4())
            name += std::to_string(byte);
        else
            name.append({digits[byte & 15], '.', digits[byte >> 4]});
        name += '.';
    }
    name += address.isV4() ? "in-addr.arpa" : "ip6.arpa";
    return {*DomainName::parse(name), Type::ptr};
}

Answer failed(std::string why, record::DnssecStatus dnssec) {
    Answer answer;
    answer.dnssec = dnssec;
    answer.why = std::move(why);
    return answer;
}

Answer readReply(const Question& question, const Reply& reply) {
    using enum record::DnssecStatus;
    if (reply.bogus)
        return failed(asked(question) + ": DNSSEC validation failed: " + base::escaped(reply.whyBogus, 200),
                      bogus);
    if (reply.rcode != 0 && reply.rcode != nameError)
        return failed(asked(question) + ": the name servers answered " + rcodeText(reply.rcode));

    Answer answer;
    answer.dnssec = reply.secure ? secure : insecure;
    answer.ttl = std::max(reply.ttl, std::chrono::seconds(0));
    if (!reply.canonicalName.empty()) {
        auto name = DomainName::parse(reply.canonicalName);
        // Reverse zones are delegated through aliases that no host could have (RFC 2317).
        if (!name && question.type != Type::ptr)
            return failed(asked(question) + ": it is an alias of what is no domain name");
        if (name && *name != question.name) answer.canonical = std::move(*name);
    }

    if (reply.rcode == nameError || reply.noDomain) {
        answer.status = Status::noDomain;
        return answer;
    }
    if (!reply.hasData || reply.rdata.empty()) {
        answer.status = Status::noData;
        return answer;
    }
    if (!readRecords(question.type, reply, answer)) return failed(asked(question) + ": malformed answer");
    answer.status = Status::found;
    return answer;
}

}  // namespace postseal::dns
