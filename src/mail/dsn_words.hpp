// The words of a report to a sender. A file for each language; the same sentences in each, none left out.
// What stands behind a {} is said beside it.
#pragma once

#include "mail/dsn_situation.hpp"
#include "record/language.hpp"

namespace postseal::mail {

/// What happened, whose matter it is, what to do.
struct Advice {
    record::Sentence happened;
    record::Sentence matter;
    record::Sentence todo;
};

/// Of each Situation.
struct AdviceTable {
    Advice unknownAddress, noMailServer, takesNoMail, badAddress, senderNotAccepted, mailboxFull,
        mailboxClosed, tooLarge, serverFull, serverTrouble, loop, noAnswerFromDns, unreachable,
        tooManyRecipients, misunderstanding, noEightBit, noUtf8, badContent, unprotected, tlsDemanded,
        senderNotProven, refused, putOff, unknown;

    const Advice& in(Situation situation) const;
};

/// Opens the list of recipients.
struct Opening {
    record::Sentence one;
    record::Sentence several;
};

struct DsnWords {
    record::Sentence tag;  // RFC 5646

    record::Sentence failedSubject;  // ASCII, all four
    record::Sentence delayedSubject;
    record::Sentence deliveredSubject;
    record::Sentence relayedSubject;

    Opening failed;
    Opening delayed;
    Opening succeeded;
    record::Sentence more;  // {}: how many recipients are told in the machine's part alone

    AdviceTable advice;
    record::Sentence whatToDo;  // {}: Advice::todo
    record::Sentence expired;   // {} to {}: dates
    record::Sentence goesOn;    // {}: until when
    record::Sentence delivered;
    record::Sentence relayed;

    record::Sentence reason;  // names of facts
    record::Sentence server;
    record::Sentence reply;
    record::Sentence lastTried;
    record::Sentence doneAt;
    record::Sentence subject;

    record::Sentence arrival;  // {}: our name, a date, the queue id
    record::Sentence wholeAttached;
    record::Sentence headerAttached;
    record::Sentence headerOfGuarded;
    record::Sentence headerOfLarge;

    record::Sentence date;  // {0} year, {1} month, {2} day, {3} hour, {4} minute, all UTC
};

extern const DsnWords englishWords;
extern const DsnWords germanWords;

}  // namespace postseal::mail
