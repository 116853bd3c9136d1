#include "mail/dsn_situation.hpp"

#include <algorithm>

namespace postseal::mail {
namespace {

struct Row {
    std::string_view code;  // subject and detail of the status: `1.1`, or the beginning `7.`
    Situation situation;
};

// The first row that fits; the exact ones stand before their class.
constexpr Row rows[] = {
    {"1.1", Situation::unknownAddress},
    {"1.2", Situation::noMailServer},
    {"1.6", Situation::unknownAddress},
    {"1.7", Situation::senderNotAccepted},
    {"1.8", Situation::senderNotAccepted},
    {"1.10", Situation::takesNoMail},
    {"1.", Situation::badAddress},
    {"2.2", Situation::mailboxFull},
    {"2.3", Situation::tooLarge},
    {"2.", Situation::mailboxClosed},
    {"3.1", Situation::serverFull},
    {"3.4", Situation::tooLarge},
    {"3.", Situation::serverTrouble},
    {"4.3", Situation::noAnswerFromDns},
    {"4.4", Situation::noMailServer},
    {"4.6", Situation::loop},
    {"4.", Situation::unreachable},
    {"5.3", Situation::tooManyRecipients},
    {"5.", Situation::misunderstanding},
    {"6.3", Situation::noEightBit},
    {"6.7", Situation::noUtf8},
    {"6.8", Situation::noUtf8},
    {"6.9", Situation::noUtf8},
    {"6.10", Situation::noUtf8},
    {"6.", Situation::badContent},
    {"7.4", Situation::unprotected},
    {"7.5", Situation::unprotected},
    {"7.10", Situation::tlsDemanded},
    {"7.11", Situation::tlsDemanded},
    {"7.30", Situation::unprotected},
    {"7.20", Situation::senderNotProven},
    {"7.21", Situation::senderNotProven},
    {"7.22", Situation::senderNotProven},
    {"7.23", Situation::senderNotProven},
    {"7.24", Situation::senderNotProven},
    {"7.25", Situation::senderNotProven},
    {"7.26", Situation::senderNotProven},
    {"7.27", Situation::senderNotProven},
    {"7.", Situation::refused},
};

/// Whoever says so: RFC 8689 §4.2.1 has it too, and then the policy's own words are told.
bool isTlsDemanded(std::string_view code) {
    return code == "7.10" || code == "7.11";
}

/// A status that says little beside "not now".
bool saysNotNow(std::string_view code) {
    return !isTlsDemanded(code) &&
           (code.starts_with("7.") || code.starts_with("0.") || code.starts_with("5.") || code == "2.0" ||
            code == "2.1" || code == "3.0" || code == "3.2");
}

}  // namespace

Situation situationOf(std::string_view status, bool remoteSpoke) {
    if (status.size() < 5 || status[1] != '.') return Situation::unknown;
    const auto code = status.substr(2);
    if (remoteSpoke && status.starts_with('4') && saysNotNow(code)) return Situation::putOff;
    // We would not hand the message over without the protection that is demanded.
    if (!remoteSpoke && code.starts_with("7.") && !isTlsDemanded(code)) return Situation::unprotected;
    const auto fits = [&](const Row& row) {
        return row.code.ends_with('.') ? code.starts_with(row.code) : code == row.code;
    };
    const auto found = std::ranges::find_if(rows, fits);
    return found == std::end(rows) ? Situation::unknown : found->situation;
}

}  // namespace postseal::mail
