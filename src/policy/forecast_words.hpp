// The words of `postseal check`. As in explain_words.hpp, a file for each language; what stands behind a {}
// is said beside it.
#pragma once

#include "record/language.hpp"

namespace postseal::policy {

struct ForecastWords {
    // {0}: the domain, {1}: who demands it, {2}: how many servers, of how many.
    record::Sentence sealed;
    record::Sentence encrypted;
    record::Sentence asFarAs;  // {3}: the smarthost
    record::Sentence open;
    record::Sentence waits;    // {0}: the domain, {1}: why
    record::Sentence returns;  // {0}: the domain, {1}: why

    record::Sentence local;        // {0}: the domain
    record::Sentence severalWays;  // {0}: who was asked for, {1}: how many, {2}: the weakest one's sentence

    record::Sentence proven;        // {0} of {1} servers, tried just now
    record::Sentence encryptedNow;  // the same
    record::Sentence notTried;      // the same
    record::Sentence openNow;       // {0} of {1} servers took TLS just now
    record::Sentence unused;        // {}: hosts that can't be used

    // The promise alone.
    record::Sentence orNotSent;  // {}: the verdict
    record::Sentence noPromise;
    record::Sentence neverLess;    // it waits, and what was demanded still is
    record::Sentence laterOpen;    // it waits, and nothing is demanded or known
    record::Sentence nothingSent;  // it returns

    // What handshakes had just now.
    record::Sentence experience;  // {0}: the assurance, {1} of {2} servers
    record::Sentence unreached;

    // Who demands it, in short.
    record::Sentence byMap;
    record::Sentence byException;
    record::Sentence byAlliance;  // {}: its name
    record::Sentence byDane;
    record::Sentence byMtaSts;
    record::Sentence byMemory;
    record::Sentence byDefault;
    record::Sentence byMessage;

    // Of one host.
    record::Sentence nothingDemanded;
    record::Sentence tookTls;    // nothing was demanded
    record::Sentence tookNoTls;  // the same; {}: why
    record::Sentence offersNoTls;
    record::Sentence notAll;  // {0}: the reason, {1} of {2} addresses, {3}: why they can't be used
    record::Sentence noHost;
};

extern const ForecastWords englishForecastWords;

}  // namespace postseal::policy
