#include "cli/own_promise.hpp"

#include "app/alliance_source.hpp"
#include "tls/certificates.hpp"
#include "tls/verify.hpp"

#include <openssl/x509.h>

#include <memory>

namespace postseal::cli {
namespace {

using record::Level;

struct FreeStack {
    void operator()(stack_st_X509* certificates) const { sk_X509_free(certificates); }
};

/// Of one of our chains.
std::string whyUnproven(const std::string& pem, tls::Verifier& verifier,
                        const record::Requirement& requirement, base::Timestamp now) {
    const auto certificates = tls::parsePem(pem);
    if (!certificates) return certificates.error();
    const std::unique_ptr<stack_st_X509, FreeStack> sent(sk_X509_new_null());
    for (const auto& one : *certificates)
        sk_X509_push(sent.get(), one.get());
    return verifier.judge(tls::Chain{certificates->front().get(), sent.get()}, requirement, now).reason;
}

}  // namespace

std::string brokenPromise(const config::Settings& settings, const policy::AllianceMember& member,
                          base::Timestamp now) {
    const auto& name = settings.hostname.text();
    if (record::classOf(member.to) <= record::LevelClass::may) return {};
    if (!member.mx.empty() && !policy::anyMatches(member.mx, name)) return "the list does not name " + name;
    if (member.to != Level::verify && member.to != Level::secure) return {};
    auto trust = tls::TrustStore::load(settings.caFile, settings.caPath);
    if (!trust) return base::toText(trust.error());
    tls::Verifier verifier(std::move(*trust));
    const record::Requirement requirement{
        .level = Level::secure,
        .allOf = {record::NamesCondition{{{record::NamePattern::Kind::exact, name}}, member.anchors}}};
    std::string why = "it has no certificate";
    for (const auto& files : settings.tls.certificates) {
        const auto pem = app::readAllianceSource({}, files.chain);
        why = pem ? whyUnproven(*pem, verifier, requirement, now) : pem.error();
        if (why.empty()) return {};
    }
    return why;
}

}  // namespace postseal::cli
