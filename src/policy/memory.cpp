#include "policy/memory.hpp"

#include "policy/memory_words.hpp"
#include "record/names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace postseal::policy {
namespace {

using record::Assurance;

constexpr std::chrono::hours toldAgain{24};
constexpr std::array<std::string_view, 3> modeNames{"off", "warn", "enforce"};

/// A gap between two contacts, none where the clock went back.
std::chrono::seconds gap(base::Timestamp last, base::Timestamp now, std::chrono::seconds most) {
    return std::clamp(std::chrono::floor<std::chrono::seconds>(now - last), std::chrono::seconds(0), most);
}

bool isGraceOver(const Fall& fall, const MemorySettings& settings) {
    return fall.time >= settings.grace;
}

bool isRemembered(const Memory& memory, Assurance assurance, const MemorySettings& settings) {
    const auto& reached = memory.of(assurance);
    return reached.deliveries >= std::max(settings.deliveries, 1U) && reached.time >= settings.time;
}

/// The fall from a class: to the one below it, or lower.
std::optional<Fall>& fallFrom(Memory& memory, Assurance assurance) {
    return memory.falls.at(static_cast<std::size_t>(assurance) - 1);
}
const std::optional<Fall>& fallFrom(const Memory& memory, Assurance assurance) {
    return memory.falls.at(static_cast<std::size_t>(assurance) - 1);
}

/// What is still demanded of the domain: the highest class whose own grace period is not over.
std::optional<Assurance> demanded(const Memory& memory, const MemorySettings& settings) {
    for (const auto each : {Assurance::authenticated, Assurance::encrypted}) {
        const auto& fall = fallFrom(memory, each);
        if (isRemembered(memory, each, settings) && !(fall && isGraceOver(*fall, settings))) return each;
    }
    return std::nullopt;
}

/// Without conditions, so that any proof will do; `dane` waits as long as our resolver does not validate.
record::Level levelOf(Assurance wanted, record::Proof proof) {
    if (wanted != Assurance::authenticated) return record::Level::encrypt;
    return proof == record::Proof::dane ? record::Level::dane : record::Level::secure;
}

void lower(Memory& memory, Assurance to) {
    for (auto each : {Assurance::encrypted, Assurance::authenticated}) {
        if (each <= to) continue;
        memory.of(each) = {};
        fallFrom(memory, each).reset();
    }
    if (to < Assurance::authenticated) memory.proof = record::Proof::none;
}

std::string day(base::Timestamp time) {
    return base::toRfc3339(time).substr(0, 10);
}

/// Begins, continues and ends the fall from each class.
void noteFalls(Memory& memory, const Contact& contact, const MemorySettings& settings, base::Timestamp now) {
    for (const auto each : {Assurance::encrypted, Assurance::authenticated}) {
        auto& fall = fallFrom(memory, each);
        // Also by mail that a higher class keeps back: this one was there.
        if (!isRemembered(memory, each, settings) || contact.assurance >= each) {
            fall.reset();
        } else if (!contact.lessIsAllowed) {
            const auto found = static_cast<Assurance>(static_cast<std::size_t>(each) - 1);
            if (!fall) fall = Fall{.found = found, .since = now, .last = now};
            fall->time += gap(fall->last, now, Fall::longestGap);
            fall->last = now;
            fall->words = contact.words;
        }
    }
}

/// A delivery with less, after the grace period of a class: from now on less is what holds.
std::optional<Assurance> settledFor(const Memory& memory, const Contact& contact,
                                    const MemorySettings& settings) {
    if (contact.fate != Contact::Fate::delivered) return std::nullopt;
    for (const auto& fall : memory.falls)
        if (fall && contact.assurance <= fall->found && isGraceOver(*fall, settings)) return fall->found;
    return std::nullopt;
}

bool isToBeTold(const Memory& memory, const Contact& contact, base::Timestamp now) {
    const auto& fall = memory.fall();
    return fall && !contact.lessIsAllowed && contact.assurance <= fall->found &&
           std::chrono::abs(now - fall->told) >= toldAgain;
}

/// What the contact tells of falls: noted, told once a day, and after the grace period it is what holds.
std::optional<Notice> judge(Memory& memory, Assurance wanted, const Contact& contact,
                            const MemorySettings& settings, base::Timestamp now) {
    const bool wasFallen = memory.fall().has_value();
    noteFalls(memory, contact, settings, now);
    if (const auto settled = settledFor(memory, contact, settings)) {
        Notice notice{Notice::Kind::graceOver, graceOverWords(memory, wanted)};
        lower(memory, *settled);
        return notice;
    }
    if (wasFallen && !memory.fall() && contact.fate == Contact::Fate::delivered)
        return Notice{Notice::Kind::recovered, recoveredWords(memory, wanted, contact.assurance)};
    if (!isToBeTold(memory, contact, now)) return std::nullopt;
    for (auto& fall : memory.falls)
        if (fall) fall->told = now;
    return Notice{Notice::Kind::fallen, fallenWords(memory, wanted, contact, settings)};
}

void count(Memory& memory, const Contact& contact, base::Timestamp now) {
    for (auto each : {Assurance::cleartext, Assurance::encrypted, Assurance::authenticated})
        if (each <= contact.assurance) memory.of(each).add(now);
    if (contact.assurance == Assurance::authenticated) memory.proof = contact.proof;
    memory.host = contact.host;
}

}  // namespace

void Reached::add(base::Timestamp now) {
    if (deliveries == 0)
        first = now;
    else
        time += gap(last, now, longestGap);
    last = now;
    ++deliveries;
}

std::optional<Assurance> remembered(const Memory& memory, const MemorySettings& settings) {
    for (auto each : {Assurance::authenticated, Assurance::encrypted})
        if (isRemembered(memory, each, settings)) return each;
    return std::nullopt;
}

std::optional<Claim> memoryClaim(const Memory& memory, const MemorySettings& settings) {
    if (settings.mode == MemoryMode::off) return std::nullopt;
    const auto wanted = demanded(memory, settings);
    if (!wanted) return std::nullopt;
    const auto level = levelOf(*wanted, memory.proof);
    Claim claim{.origin = {record::Origin::Kind::memory}, .level = level, .detail = inWords(memory, *wanted)};
    if (settings.mode == MemoryMode::enforce) return claim;
    claim.level = record::Level::may;
    claim.detail += fmt::format("; it only warns, and would demand {}", record::toText(level));
    return claim;
}

Remembered after(Memory memory, const Contact& contact, const MemorySettings& settings, base::Timestamp now) {
    Remembered result{.memory = std::move(memory)};
    if (settings.mode == MemoryMode::off) return result;
    const auto before = demanded(result.memory, settings);
    if (const auto wanted = remembered(result.memory, settings))
        result.notice = judge(result.memory, *wanted, contact, settings, now);
    if (contact.fate == Contact::Fate::delivered) count(result.memory, contact, now);
    result.claimChanged = before != demanded(result.memory, settings);
    return result;
}

base::Result<Memory, std::string> accepted(Memory memory, Acceptance acceptance) {
    const auto found = memory.fall();
    if (!found)
        return base::fail(
            std::string("its mail has not become less than what is remembered, so there is nothing "
                        "to accept; 'postseal policy memory forget' begins anew"));
    lower(memory, found->found);
    memory.accepted = std::move(acceptance);
    return memory;
}

std::optional<Experience> experience(const Memory& memory) {
    const auto& all = memory.of(Assurance::cleartext);
    if (all.deliveries == 0) return std::nullopt;
    for (auto each : {Assurance::authenticated, Assurance::encrypted})
        if (const auto& reached = memory.of(each); reached.deliveries > 0 && reached.last == all.last)
            return Experience{each, reached.first, reached.deliveries};
    return Experience{Assurance::cleartext, all.first, all.deliveries};
}

std::string inWords(const Memory& memory, Assurance assurance) {
    const auto& reached = memory.of(assurance);
    if (reached.deliveries == 0) return {};
    auto words = fmt::format("{} {} since {}", record::toText(assurance),
                             reached.deliveries == 1 ? "once" : fmt::format("{} times", reached.deliveries),
                             day(reached.first));
    if (assurance == Assurance::authenticated && memory.proof != record::Proof::none)
        words += fmt::format(", last by {}", record::toText(memory.proof));
    return words;
}

std::string_view toText(MemoryMode mode) {
    return record::nameOf(modeNames, mode);
}

}  // namespace postseal::policy
