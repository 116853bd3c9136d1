// What has happened to a recipient, in as many kinds as people need different advice for: from the enhanced
// status code (RFC 3463), and from who said it. The words for each stand in a table of each language. Pure.
#pragma once

#include <string_view>

namespace postseal::mail {

enum class Situation {
    unknownAddress,
    noMailServer,  // the domain does not exist, or has no host
    takesNoMail,   // null MX
    badAddress,
    senderNotAccepted,
    mailboxFull,
    mailboxClosed,
    tooLarge,
    serverFull,
    serverTrouble,
    loop,
    noAnswerFromDns,
    unreachable,
    tooManyRecipients,
    misunderstanding,  // of the protocol
    noEightBit,
    noUtf8,
    badContent,
    unprotected,      // the hop lacked what our policy demands
    tlsDemanded,      // the host demands TLS, and none came about
    senderNotProven,  // SPF, DKIM, reverse DNS
    refused,
    putOff,  // a refusal for now
    unknown,
};

/// `remoteSpoke`: the status is the peer's, not ours.
Situation situationOf(std::string_view status, bool remoteSpoke);

}  // namespace postseal::mail
