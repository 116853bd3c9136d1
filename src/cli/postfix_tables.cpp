#include "cli/postfix_tables.hpp"

#include "base/hex.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace postseal::cli {
namespace {

using policy::AllianceMember;
using policy::InboundLevel;
using policy::MemberMode;
using record::Level;

constexpr const char* policyHead =
    "# main.cf: smtp_tls_policy_maps = hash:{0}/tls_policy; postmap it after each export.\n"
    "# A Postfix looks certificates up by name, not hosts: mail goes to whatever host shows one of these "
    "names.\n"
    "# A CA that a list knows by its key alone can't be named here: such entries rest on smtp_tls_CAfile.\n";
constexpr const char* senderHead =
    "# main.cf: smtpd_sender_restrictions = permit_mynetworks, permit_sasl_authenticated,\n"
    "#              check_sender_access hash:{0}/sender_access    (your own users come first; postmap it)\n"
    "#          smtpd_tls_ask_ccert = yes, smtpd_tls_fingerprint_digest = sha256\n"
    "# A Postfix can't bind a client's certificate to the sender's domain: each client of client_certs may "
    "speak\n"
    "# for every domain here. A Postseal beside it (docs/beside-postfix.md) keeps them apart.\n";
constexpr const char* clientHead = "# Keys of the members' clients, for sender_access; postmap it. Clients "
                                   "that a list knows by a name alone are\n"
                                   "# not here: Postfix takes fingerprints only.\n";

std::string colons(const base::Sha256& digest) {
    return base::toColonHex(digest);
}

/// `secure match=...`; empty: nothing that a Postfix can demand.
std::string demandOf(const AllianceMember& member, const std::string& anchors) {
    std::vector<std::string> names;
    names.reserve(member.mx.size());
    for (const auto& mx : member.mx)
        names.push_back(mx.isWildcard ? "." + mx.name : mx.name);
    const auto tafile = anchors.empty() ? std::string() : " tafile=" + anchors;
    switch (member.to) {
    case Level::encrypt: return "encrypt";
    case Level::dane:
    case Level::daneOnly: return "dane-only";
    case Level::fingerprint: {
        std::vector<std::string> pins;
        pins.reserve(member.pins.size());
        for (const auto& pin : member.pins)
            pins.push_back(base::toColonHex(pin.digest));
        return fmt::format("fingerprint match={}", fmt::join(pins, "|"));
    }
    case Level::verify:
    case Level::secure:
        return "secure match=" +
               (names.empty() ? "nexthop:dot-nexthop" : fmt::format("{}", fmt::join(names, ":"))) + tafile;
    case Level::none:
    case Level::may: break;
    }
    return {};
}

class Tables {
public:
    explicit Tables(std::string folder) : folder_(std::move(folder)) {}

    void add(const policy::JoinedAlliance& joined) {
        for (const auto& member : joined.list.members) {
            if (member.isBereft) continue;
            const auto anchors = anchorsOf(member);
            for (const auto& domain : member.domains) {
                if (modeOf(joined, member, domain) != MemberMode::enforce) continue;
                const auto demand = demandOf(member, anchors);
                if (!demand.empty()) policy_.emplace(domain, demand);
                addInbound(domain, member);
            }
        }
    }

    std::vector<PostfixFile> files() {
        std::string policy = fmt::format(fmt::runtime(policyHead), folder_);
        for (const auto& [domain, demand] : policy_)
            policy += fmt::format("{} {}\n", domain, demand);
        std::string senders = fmt::format(fmt::runtime(senderHead), folder_);
        for (const auto& [domain, restriction] : senders_)
            senders += fmt::format("{} {}\n", domain, restriction);
        std::string clients = clientHead;
        for (const auto& key : clients_)
            clients += key + " OK\n";
        files_.push_back({"tls_policy", std::move(policy)});
        files_.push_back({"sender_access", std::move(senders)});
        files_.push_back({"client_certs", std::move(clients)});
        return std::move(files_);
    }

private:
    /// The file of these anchors, written once.
    std::string anchorsOf(const AllianceMember& member) {
        std::string pem;
        for (const auto& anchors : member.anchors)
            if (anchors.pem) pem += *anchors.pem + (anchors.pem->ends_with('\n') ? "" : "\n");
        if (pem.empty()) return {};
        auto& name = anchorFiles_[pem];
        if (name.empty()) {
            name = fmt::format("anchors-{}.pem", anchorFiles_.size());
            files_.push_back({name, pem});
        }
        return folder_ + '/' + name;
    }

    void addInbound(const std::string& domain, const AllianceMember& member) {
        if (member.from == InboundLevel::may) return;
        if (!policy::needsCertificate(member.from)) {
            senders_.emplace(domain, "reject_plaintext_session");
            return;
        }
        for (const auto& client : member.clients)
            if (const auto* key = std::get_if<policy::KeyedClient>(&client))
                clients_.insert(colons(key->spki));
        senders_.emplace(domain, fmt::format("check_ccert_access hash:{}/client_certs, reject", folder_));
    }

    std::string folder_;
    std::map<std::string, std::string> policy_, senders_, anchorFiles_;
    std::set<std::string> clients_;
    std::vector<PostfixFile> files_;
};

}  // namespace

std::vector<PostfixFile> postfixTables(const policy::AllianceSet& set, const std::string& folder) {
    Tables tables(folder);
    for (const auto& joined : set.joined())
        tables.add(joined);
    return tables.files();
}

}  // namespace postseal::cli
