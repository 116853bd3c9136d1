#include "record/failure.hpp"

#include "record/names.hpp"

namespace postseal::record {
namespace {

constexpr std::array<std::string_view, 31> whyNames{"none",
                                                    "dns-failed",
                                                    "no-host",
                                                    "unreached",
                                                    "no-answer",
                                                    "starttls-missing",
                                                    "starttls-refused",
                                                    "handshake",
                                                    "certificate-name",
                                                    "certificate-expired",
                                                    "certificate-untrusted",
                                                    "certificate-pin",
                                                    "tlsa-invalid",
                                                    "nothing-proves",
                                                    "demands-tls",
                                                    "dnssec-invalid",
                                                    "dnssec-untested",
                                                    "dane-required",
                                                    "not-listed",
                                                    "not-of-alliance",
                                                    "sts-fetch",
                                                    "sts-invalid",
                                                    "sts-webpki",
                                                    "requiretls-missing",
                                                    "refused",
                                                    "put-off",
                                                    "unfit",
                                                    "no-bdat",
                                                    "violation",
                                                    "lost",
                                                    "stopped"};

}  // namespace

std::string_view toText(Why why) {
    return nameOf(whyNames, why);
}

std::optional<Why> parseWhy(std::string_view text) {
    return valueOf<Why>(whyNames, text);
}

std::string_view resultType(Why why) {
    switch (why) {
    case Why::startTlsMissing:
    case Why::startTlsRefused: return "starttls-not-supported";
    case Why::certificateName: return "certificate-host-mismatch";
    case Why::certificateExpired: return "certificate-expired";
    case Why::certificateUntrusted:
    case Why::certificatePin: return "certificate-not-trusted";
    case Why::handshake:
    case Why::nothingProves:
    case Why::notListed: return "validation-failure";  // §4.3.3: what has no word of its own
    case Why::tlsaInvalid: return "tlsa-invalid";
    case Why::dnssecInvalid: return "dnssec-invalid";
    case Why::daneRequired: return "dane-required";
    case Why::stsFetch: return "sts-policy-fetch-error";
    case Why::stsInvalid: return "sts-policy-invalid";
    case Why::stsWebPki: return "sts-webpki-invalid";
    case Why::none:
    case Why::dnsFailed:
    case Why::noHost:
    case Why::unreached:
    case Why::noAnswer:
    case Why::demandsTls:
    case Why::dnssecUntested:
    case Why::notOfAlliance:
    case Why::requireTlsMissing:
    case Why::refused:
    case Why::putOff:
    case Why::unfit:
    case Why::noBdat:
    case Why::violation:
    case Why::lost:
    case Why::stopped: break;
    }
    return {};
}

}  // namespace postseal::record
