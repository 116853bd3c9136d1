#include "policy/forecast_words.hpp"

namespace postseal::policy {

constinit const ForecastWords englishForecastWords{
    .sealed = "Mail to {0} is sealed: {1}, {2}.",
    .encrypted = "Mail to {0} is encrypted, to servers that need not prove who they are: {1}, {2}.",
    .asFarAs =
        "Mail to {0} is protected as far as the smarthost {3}: {1}, {2}. What lies behind it is not known.",
    .open = "Nothing is promised for mail to {0}: it may travel in clear text.",
    .waits = "Mail to {0} would wait and then return, because {1}.",
    .returns = "Mail to {0} would return at once, because {1}.",
    .local = "Mail to {0} stays on this server.",
    .severalWays = "Mail to {0} takes {1} ways, and is as safe as the weakest of them. {2}",

    .proven = "{0} of {1} servers proven",
    .encryptedNow = "{0} of {1} servers took TLS",
    .notTried = "demanded of {0} of {1} servers",
    .openNow = " Just now {0} of {1} servers took TLS.",
    .unused = " Not used just now: {}.",

    .orNotSent = "{}, or it is not sent",
    .noPromise = "open: nothing is enforced",
    .neverLess = "nothing is sent with less than is demanded",
    .laterOpen = "none for certain: once a server can be used, clear text may be permitted",
    .nothingSent = "none is needed: nothing is sent",

    .experience = "{0} at the least, with {1} of {2} servers",
    .unreached = "no server was reached",

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
    .offersNoTls = "no level above \"may\" is demanded, and it offers no TLS just now",
    .notAll = "{0}; {1} of {2} addresses can't be used just now: {3}",
    .noHost = "it has no server that takes mail",
};

}  // namespace postseal::policy
