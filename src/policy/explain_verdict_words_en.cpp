#include "policy/explain_verdict_words.hpp"

namespace postseal::policy {

constinit const VerdictWords englishVerdictWords{
    .sealed = "Mail to {0} is sealed: {1}, {2}.",
    .encrypted = "Mail to {0} is encrypted, to servers that need not prove who they are: {1}, {2}.",
    .asFarAs =
        "Mail to {0} is protected as far as the smarthost {3}: {1}, {2}. What lies behind it is not known.",
    .open = "Nothing is promised for mail to {0}: it may travel in clear text.",
    .waits = "Mail to {0} would wait and then return, because {1}.",
    .returns = "Mail to {0} would return at once, because {1}.",
    .local = "Mail to {0} stays on this server.",

    .proven = "{0} of {1} servers proven",
    .encryptedNow = "{0} of {1} servers took TLS",
    .notTried = "demanded of {0} of {1} servers",
    .openNow = " Just now {0} of {1} servers took TLS.",
    .unused = " Not used: {}.",

    .byMap = "the policy map",
    .byException = "an exception",
    .byAlliance = "the alliance {}",
    .byDane = "DANE",
    .byMtaSts = "MTA-STS",
    .byMemory = "what earlier deliveries had",
    .byDefault = "the configured level",
    .byMessage = "the message's own demand",

    .nothingDemanded = "no level above \"may\" is demanded",
    .tookTls = "no level above \"may\" is demanded; it took TLS just now",
    .tookNoTls = "no level above \"may\" is demanded, and there was no TLS just now: {}",
    .noHost = "it has no server that takes mail",
};

}  // namespace postseal::policy
