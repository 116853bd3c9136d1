#include "directory/srs.hpp"

#include "base/ascii.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <cstdint>
#include <utility>

namespace postseal::directory {
namespace {

using record::Mailbox;

constexpr std::string_view firstTag = "SRS0";    // of the forwarder that the sender's mail came to first
constexpr std::string_view guardedTag = "SRS1";  // of a later one
constexpr std::string_view signs = "=+-";        // what may stand behind a tag; within, it is always '='
constexpr std::string_view base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::size_t hashLetters = 10;  // 50 bits; libsrs2's four are 24, and 20 once their case is lost
constexpr std::int64_t dayCycle = 1024;  // two letters of base32

std::string dayText(std::int64_t day) {
    const auto inCycle = static_cast<std::size_t>(day % dayCycle);
    return {base32[inCycle / base32.size()], base32[inCycle % base32.size()]};
}

std::int64_t dayOf(base::Timestamp now) {
    return std::chrono::floor<std::chrono::days>(now).time_since_epoch().count();
}

/// A day that is at most a lifetime ago; one day ahead is a clock's difference.
bool isRecent(std::string_view day, std::int64_t today) {
    if (day.size() != 2) return false;
    const auto high = base32.find(base::toUpper(day[0])), low = base32.find(base::toUpper(day[1]));
    if (high == std::string_view::npos || low == std::string_view::npos) return false;
    const auto then = static_cast<std::int64_t>((high * base32.size()) + low);
    const auto age = (today - then + 1 + dayCycle) % dayCycle;  // from one day ahead on
    return age <= Srs::lifetime.count() + 1;
}

/// Up to the next '='; what is left of `rest` begins behind it. nullopt: there is none.
std::optional<std::string_view> takeField(std::string_view& rest) {
    const auto sign = rest.find('=');
    if (sign == std::string_view::npos) return std::nullopt;
    const auto field = rest.substr(0, sign);
    rest.remove_prefix(sign + 1);
    return field;
}

/// What stands behind `SRS0=`; empty: it does not begin so.
std::string_view afterTag(std::string_view local, std::string_view tag) {
    if (!base::startsWithWord(local, tag) || local.size() <= tag.size()) return {};
    if (signs.find(local[tag.size()]) == std::string_view::npos) return {};
    return local.substr(tag.size() + 1);
}

std::optional<Mailbox> mailbox(std::string_view local, std::string_view domain) {
    auto name = base::DomainName::parse(domain);
    if (!name) return std::nullopt;
    auto made = Mailbox::make(local, std::move(*name), record::Utf8::allowed);
    if (!made) return std::nullopt;
    return std::move(*made);
}

}  // namespace

std::string Srs::hash(std::string_view text) const {
    const auto lower = base::toLower(text);
    const auto key = secret_.reveal();
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    ::HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(lower.data()), lower.size(), digest.data(), &size);
    std::string letters;
    for (std::size_t i = 0; i < hashLetters; ++i)
        letters += base32[digest[i] % base32.size()];
    return letters;
}

bool Srs::isHash(std::string_view given, std::string_view text) const {
    const auto upper = base::toUpper(given);
    const auto wanted = hash(text);
    return upper.size() == wanted.size() && CRYPTO_memcmp(upper.data(), wanted.data(), wanted.size()) == 0;
}

std::optional<Mailbox> Srs::forward(const Mailbox& sender, const base::DomainName& ours,
                                    base::Timestamp now) const {
    const auto* const domain = sender.domainName();
    if (domain == nullptr) return std::nullopt;
    const std::string_view local = sender.local();

    std::string forwarder = domain->text();
    std::string_view guarded;  // with the sign that followed its SRS0
    if (!afterTag(local, firstTag).empty()) {
        guarded = local.substr(firstTag.size());
    } else if (auto rest = afterTag(local, guardedTag); !rest.empty()) {
        const auto theirHash = takeField(rest);
        const auto first = takeField(rest);
        if (theirHash && first && !rest.empty()) {
            forwarder = std::string(*first);
            guarded = rest;
        }
    }
    std::string made;
    if (guarded.empty()) {
        const auto text = dayText(dayOf(now)) + '=' + domain->text() + '=' + std::string(local);
        made = std::string(firstTag) + '=' + hash(text) + '=' + text;
    } else {
        const auto text = forwarder + '=' + std::string(guarded);
        made = std::string(guardedTag) + '=' + hash(text) + '=' + text;
    }
    return mailbox(made, ours.text());
}

std::optional<Mailbox> Srs::reverse(std::string_view local, base::Timestamp now) const {
    if (const auto rest = afterTag(local, firstTag); !rest.empty()) return reverseFirst(rest, now);
    if (const auto rest = afterTag(local, guardedTag); !rest.empty()) return reverseGuarded(rest);
    return std::nullopt;
}

std::optional<Mailbox> Srs::reverseFirst(std::string_view rest, base::Timestamp now) const {
    const auto given = takeField(rest);
    if (!given || !isHash(*given, rest)) return std::nullopt;  // before anything of it is believed
    const auto day = takeField(rest);
    if (!day || !isRecent(*day, dayOf(now))) return std::nullopt;
    const auto domain = takeField(rest);
    if (!domain) return std::nullopt;
    return mailbox(rest, *domain);
}

std::optional<Mailbox> Srs::reverseGuarded(std::string_view rest) const {
    const auto given = takeField(rest);
    if (!given || !isHash(*given, rest)) return std::nullopt;
    const auto forwarder = takeField(rest);
    if (!forwarder) return std::nullopt;
    return mailbox(std::string(firstTag) + std::string(rest), *forwarder);  // it begins with the first's sign
}

}  // namespace postseal::directory
