#include "policy/memory_words.hpp"

#include "base/time.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace postseal::policy {
namespace {

std::string left(const Fall& fall, const MemorySettings& settings) {
    const auto rest = std::max(settings.grace - fall.time, std::chrono::seconds(0));
    const auto days = std::chrono::ceil<std::chrono::days>(rest).count();
    return days == 1 ? "a day" : fmt::format("{} days", days);
}

}  // namespace

std::string fallenWords(const Memory& memory, record::Assurance wanted, const Contact& contact,
                        const MemorySettings& settings) {
    const auto& fall = *memory.fall();
    const auto what = fmt::format("mail was {}; since {} it is {} at {}{}{}", inWords(memory, wanted),
                                  base::toRfc3339(fall.since), record::toText(fall.found),
                                  contact.host.empty() ? "its hosts" : contact.host,
                                  fall.words.empty() ? "" : ": ", fall.words);
    if (contact.fate == Contact::Fate::held)
        return fmt::format(
            "{}; it waits until 'postseal policy memory accept', or until this was seen for {} more", what,
            left(fall, settings));
    return fmt::format("{}; delivered all the same{}", what,
                       settings.mode == MemoryMode::warn ? ", since outbound.memory only warns" : "");
}

std::string recoveredWords(const Memory& memory, record::Assurance wanted, record::Assurance had) {
    return fmt::format("mail is {} again, as it was since {}", record::toText(had),
                       base::toRfc3339(memory.of(wanted).first).substr(0, 10));
}

std::string graceOverWords(const Memory& memory, record::Assurance wanted) {
    return fmt::format(
        "mail was {}; it has been less for the whole grace period, so that is no longer expected",
        inWords(memory, wanted));
}

}  // namespace postseal::policy
