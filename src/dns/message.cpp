#include "dns/message.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <limits>
#include <optional>

namespace postseal::dns {
namespace {

using Bytes = std::span<const std::byte>;
using Data = std::vector<std::byte>;

constexpr std::size_t longestName = 255;
constexpr std::size_t longestLabel = 63;
constexpr int mostAliases = 16;
constexpr int mostJumps = 128;                                              // of one name
constexpr int nameError = 3;                                                // NXDOMAIN
constexpr unsigned response = 0x8000, opcode = 0x7800, truncated = 0x0200;  // bits of the header
constexpr unsigned recursion = 0x0100, authentic = 0x0020, rcodeMask = 0x000f;
constexpr std::uint16_t internet = 1, soa = 6, opt = 41, rrsig = 46, dnskey = 48;
constexpr unsigned wantsSignatures = 0x8000;  // DO, in the TTL of EDNS0's record

/// Reads forward in a message; once beyond its end, everything is 0 and `failed`.
class Cursor {
public:
    explicit Cursor(Bytes message, std::size_t at = 0) : message_(message), at_(at) {}

    std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
    std::uint32_t u32() { return number(4); }
    Bytes take(std::size_t count) {
        if (failed_ || count > message_.size() - std::min(at_, message_.size())) {
            failed_ = true;
            return {};
        }
        const auto bytes = message_.subspan(at_, count);
        at_ += count;
        return bytes;
    }
    /// Uncompressed, as on the wire, in lower case. Pointers lead only backward, so that there is an end.
    Data name() {
        Data text;
        auto at = at_;
        int jumps = 0;
        while (!failed_) {
            if (at >= message_.size()) break;
            const auto length = std::to_integer<std::size_t>(message_[at]);
            constexpr std::size_t pointer = 0xc0;
            if (length >= pointer) {
                if (at + 1 >= message_.size()) break;
                const auto target = (length - pointer) << 8U | std::to_integer<std::size_t>(message_[at + 1]);
                if (target >= at || jumps == mostJumps) break;
                if (jumps++ == 0) at_ = at + 2;
                at = target;
                continue;
            }
            if (length > longestLabel || length >= message_.size() - at ||
                text.size() + length + 1 > longestName)
                break;
            for (const auto byte : message_.subspan(at, length + 1))
                text.push_back(static_cast<std::byte>(base::toLower(static_cast<char>(byte))));
            at += length + 1;
            if (length != 0) continue;
            if (jumps == 0) at_ = at;
            return text;
        }
        failed_ = true;
        return {};
    }
    std::size_t at() const { return at_; }
    bool failed() const { return failed_; }

private:
    std::uint32_t number(std::size_t count) {
        std::uint32_t value = 0;
        for (const auto byte : take(count))
            value = value << 8U | std::to_integer<std::uint32_t>(byte);
        return value;
    }

    Bytes message_;
    std::size_t at_;
    bool failed_ = false;
};

struct Record {
    Data owner;
    std::uint16_t type = 0;
    std::uint16_t kind = 0;  // the class
    std::uint32_t ttl = 0;
    Data data = {};  // names in it uncompressed
};

/// The data of a record from `at`, `size` bytes long.
std::optional<Data> expanded(Bytes message, std::size_t at, std::size_t size, std::uint16_t type) {
    const auto plain = message.subspan(at, size);
    std::size_t before = 0;
    switch (static_cast<Type>(type)) {
    case Type::mx: before = 2; break;
    case Type::cname:
    case Type::ptr: break;
    case Type::a:
    case Type::txt:
    case Type::aaaa:
    case Type::tlsa:
    default: return Data(plain.begin(), plain.end());
    }
    Cursor cursor(message, at);
    const auto front = cursor.take(before);
    Data data(front.begin(), front.end());
    const auto name = cursor.name();
    if (cursor.failed() || cursor.at() != at + size) return std::nullopt;
    data.insert(data.end(), name.begin(), name.end());
    return data;
}

std::optional<Record> readRecord(Bytes message, Cursor& cursor) {
    Record record{.owner = cursor.name(), .type = cursor.u16(), .kind = cursor.u16(), .ttl = cursor.u32()};
    const auto size = cursor.u16();
    const auto at = cursor.at();
    cursor.take(size);
    if (cursor.failed()) return std::nullopt;
    auto data = expanded(message, at, size, record.type);
    if (!data) return std::nullopt;
    record.data = std::move(*data);
    return record;
}

std::optional<std::vector<Record>> readRecords(Bytes message, Cursor& cursor, unsigned count) {
    std::vector<Record> records;
    for (unsigned i = 0; i < count; ++i) {
        auto record = readRecord(message, cursor);
        if (!record) return std::nullopt;
        if (record->kind == internet) records.push_back(std::move(*record));
    }
    return records;
}

Data wireName(const base::DomainName& name) {
    Data wire;
    std::string_view rest = name.text();
    while (!rest.empty()) {
        const auto label = rest.substr(0, rest.find('.'));
        wire.push_back(static_cast<std::byte>(label.size()));
        for (const char c : label)
            wire.push_back(static_cast<std::byte>(c));
        rest.remove_prefix(std::min(label.size() + 1, rest.size()));
    }
    wire.push_back(std::byte{0});
    return wire;
}

/// Signs that no host name has become '\', which no domain name has either.
std::string nameText(const Data& wire) {
    std::string text;
    for (std::size_t at = 0; at < wire.size();) {
        const auto length = std::to_integer<std::size_t>(wire[at++]);
        if (length != 0 && !text.empty()) text += '.';
        for (const char c : base::asText(Bytes(wire).subspan(at, length)))
            text += base::isAlnum(c) || c == '-' || c == '_' ? c : '\\';
        at += length;
    }
    return text;
}

/// What of the answer section belongs to the question, along its aliases.
struct Found {
    Data name = {};  // after all aliases
    std::vector<const Record*> records = {};
    std::uint32_t ttl = std::numeric_limits<std::uint32_t>::max();
    bool isEndless = false;
};

Found follow(const Question& question, const std::vector<Record>& records) {
    Found found{.name = wireName(question.name)};
    for (int i = 0; question.type != Type::cname; ++i) {
        const auto alias = std::ranges::find_if(records, [&](const Record& record) {
            return record.type == static_cast<std::uint16_t>(Type::cname) && record.owner == found.name;
        });
        if (alias == records.end()) break;
        if (i == mostAliases) return {.isEndless = true};
        found.name = alias->data;
        found.ttl = std::min(found.ttl, alias->ttl);
    }
    for (const auto& record : records) {
        if (record.type != static_cast<std::uint16_t>(question.type) || record.owner != found.name) continue;
        found.records.push_back(&record);
        found.ttl = std::min(found.ttl, record.ttl);
    }
    return found;
}

/// How long an absence holds (RFC 2308 §5); 0 where nothing tells.
std::uint32_t absenceTtl(const std::vector<Record>& authority) {
    for (const auto& record : authority) {
        if (record.type != soa || record.data.size() < sizeof(std::uint32_t)) continue;
        Cursor least(record.data, record.data.size() - sizeof(std::uint32_t));
        return std::min(record.ttl, least.u32());
    }
    return 0;
}

void put16(Data& message, unsigned value) {
    message.push_back(static_cast<std::byte>(value >> 8U));
    message.push_back(static_cast<std::byte>(value & 0xffU));
}

Data encode(const Data& name, std::uint16_t type, std::uint16_t id, unsigned flags, unsigned edns) {
    Data message;
    for (const unsigned value : {static_cast<unsigned>(id), flags, 1U, 0U, 0U, 1U})
        put16(message, value);
    message.insert(message.end(), name.begin(), name.end());
    put16(message, type);
    put16(message, internet);
    message.push_back(std::byte{0});  // the root, owner of EDNS0's record
    for (const unsigned value :
         {static_cast<unsigned>(opt), static_cast<unsigned>(largestDatagram), 0U, edns, 0U})
        put16(message, value);
    return message;
}

}  // namespace

std::vector<std::byte> encodeQuestion(const Question& question, std::uint16_t id) {
    return encode(wireName(question.name), static_cast<std::uint16_t>(question.type), id,
                  recursion | authentic, 0);
}

std::vector<std::byte> encodeKeysQuestion(std::uint16_t id) {
    return encode({std::byte{0}}, dnskey, id, recursion, wantsSignatures);
}

KeysAnswer readKeysAnswer(std::uint16_t id, Bytes message) {
    Cursor cursor(message);
    const bool isOurs = cursor.u16() == id;
    const unsigned flags = cursor.u16();
    const auto questions = cursor.u16(), answers = cursor.u16();
    cursor.take(4);  // what else it has says nothing to us
    if (cursor.failed() || !isOurs || (flags & response) == 0 || (flags & opcode) != 0 || questions != 1)
        return KeysAnswer::notOurs;
    if (cursor.name().size() != 1 || cursor.u16() != dnskey || cursor.u16() != internet || cursor.failed())
        return KeysAnswer::notOurs;
    if ((flags & rcodeMask) != 0) return KeysAnswer::refused;
    if ((flags & truncated) != 0) return KeysAnswer::withSignatures;
    const auto records = readRecords(message, cursor, answers);
    if (!records) return KeysAnswer::refused;
    return std::ranges::count(*records, rrsig, &Record::type) > 0 ? KeysAnswer::withSignatures
                                                                  : KeysAnswer::withoutSignatures;
}

std::variant<Answer, NotOurs, Truncated> readAnswer(const Question& question, std::uint16_t id,
                                                    Bytes message) {
    Cursor cursor(message);
    const bool isOurs = cursor.u16() == id;
    const unsigned flags = cursor.u16();
    const auto questions = cursor.u16(), answers = cursor.u16(), authorities = cursor.u16();
    cursor.take(2);  // the additional records say nothing to us
    if (cursor.failed() || !isOurs || (flags & response) == 0 || (flags & opcode) != 0 || questions != 1)
        return NotOurs{};
    if (cursor.name() != wireName(question.name) ||
        cursor.u16() != static_cast<std::uint16_t>(question.type) || cursor.u16() != internet ||
        cursor.failed())
        return NotOurs{};
    if ((flags & truncated) != 0) return Truncated{};

    const auto malformed = [&] {
        return failed(std::string(toText(question.type)) + " of " + question.name.text() +
                      ": malformed answer");
    };
    const auto records = readRecords(message, cursor, answers);
    if (!records) return malformed();
    const auto authority = readRecords(message, cursor, authorities);
    if (!authority) return malformed();
    const auto found = follow(question, *records);
    if (found.isEndless) return failed(question.name.text() + ": its aliases have no end");

    const bool isAbsent = found.records.empty();
    const auto ttl = isAbsent ? std::min(found.ttl, absenceTtl(*authority)) : found.ttl;
    const auto canonical = nameText(found.name);
    Reply reply{.rcode = static_cast<int>(flags & rcodeMask),
                .hasData = !isAbsent,
                .noDomain = static_cast<int>(flags & rcodeMask) == nameError,
                .secure = (flags & authentic) != 0,
                .canonicalName = canonical,
                .ttl = std::chrono::seconds(ttl)};
    for (const auto* record : found.records)
        reply.rdata.push_back(record->data);
    return readReply(question, reply);
}

}  // namespace postseal::dns
