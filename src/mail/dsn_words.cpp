#include "mail/dsn_words.hpp"

namespace postseal::mail {

const Advice& AdviceTable::in(Situation situation) const {
    switch (situation) {
    case Situation::unknownAddress: return unknownAddress;
    case Situation::noMailServer: return noMailServer;
    case Situation::takesNoMail: return takesNoMail;
    case Situation::badAddress: return badAddress;
    case Situation::senderNotAccepted: return senderNotAccepted;
    case Situation::mailboxFull: return mailboxFull;
    case Situation::mailboxClosed: return mailboxClosed;
    case Situation::tooLarge: return tooLarge;
    case Situation::serverFull: return serverFull;
    case Situation::serverTrouble: return serverTrouble;
    case Situation::loop: return loop;
    case Situation::noAnswerFromDns: return noAnswerFromDns;
    case Situation::unreachable: return unreachable;
    case Situation::tooManyRecipients: return tooManyRecipients;
    case Situation::misunderstanding: return misunderstanding;
    case Situation::noEightBit: return noEightBit;
    case Situation::noUtf8: return noUtf8;
    case Situation::badContent: return badContent;
    case Situation::unprotected: return unprotected;
    case Situation::tlsDemanded: return tlsDemanded;
    case Situation::senderNotProven: return senderNotProven;
    case Situation::refused: return refused;
    case Situation::putOff: return putOff;
    case Situation::unknown: return unknown;
    }
    return unknown;
}

}  // namespace postseal::mail
