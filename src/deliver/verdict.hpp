// What becomes of a recipient by what hosts say and do, one after the other: the standing that it has, what
// one more answer makes of it, and how it ends when nobody is left to ask (rules 15, 29, 51; RFC 5321 §5.1).
// Pure: the connections are deliver/attempt's. Any thread.
#pragma once

#include "deliver/outcome.hpp"
#include "discover/destination.hpp"
#include "policy/explain.hpp"
#include "record/envelope.hpp"
#include "smtp/client_session.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace postseal::deliver {

/// What one host's part in the attempt says of one recipient.
enum class Answer {
    taken,
    refused,      // by the host, for good
    putOff,       // by the host, for now
    broken,       // the connection ended while the host was about to take it
    failed,       // there was no connection that would do: nobody heard of the recipient
    unfit,        // the host can't take this message; our words, since it was not asked
    held,         // policy keeps the message from the host: what was demanded is not there
    skipped,      // the host has no address that could be tried
    skippedHeld,  // policy keeps us from connecting at all
};

/// The standing that the answer leads to, and whether it is what is told of the recipient from now on.
struct Step {
    Standing standing;
    bool isTold;

    bool operator==(const Step&) const = default;
};
Step stepOf(Standing before, Answer answer);

/// An answer with what is told of it.
struct Said {
    Answer answer;
    Reason reason;
    std::string remoteMta = {};
    std::string relay = {"none"};
    std::string wantedAndGot = {"-"};
    RecipientEnd::Means means = RecipientEnd::Means::relayed;
    std::optional<std::size_t> hop = {};  // of the outcome's hops
};
void apply(RecipientEnd& end, Said said);

Answer answerOf(const smtp::RecipientResult& result);
/// What is said of one whom the host answered, or could not be asked for.
Reason reasonOf(const smtp::RecipientResult& result);
/// The host refuses to go on in clear text (RFC 3207 §4), and TLS came to nothing before for `trouble`: it
/// says nothing of the message.
Reason reasonOfClearText(const smtp::RecipientResult& result, std::string_view trouble);
/// The connection came to nothing. A host that takes no mail at all may soon, or another one does.
Reason reasonOf(const smtp::SessionFailure& failure, std::uint16_t port);
Reason reasonOf(const discover::Failure& failure);

/// Whether asking again may end otherwise: somebody was not asked, or has put it off.
enum class Chance { none, another };

/// What is known when nobody is left to ask.
struct Asked {
    record::RequireTls requireTls = record::RequireTls::no;
    Chance chance = Chance::none;
    bool lacksKeyword = false;  // a proven host did not offer REQUIRETLS
};
/// What must go with REQUIRETLS returns now, if every host was asked and none will do (RFC 8689 §4.2.1):
/// anything else that policy keeps waits, since it may be a fault or an attack.
void conclude(RecipientEnd& end, const Asked& asked);

}  // namespace postseal::deliver
