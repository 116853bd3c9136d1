#include "discover/alliance_demands.hpp"

#include <utility>

namespace postseal::discover {

std::shared_ptr<const AllianceDemands> demandsOf(const std::shared_ptr<const policy::AllianceSet>& set) {
    AllianceDemands demands;
    if (!set) {
        demands.missing = "the lists of alliances are not read yet";
    } else {
        demands.rulesOf = [set](const std::string& domain) { return set->rules(domain); };
        demands.membersOf = [set](const policy::ClientCertificate& shown) { return set->domainsOf(shown); };
        demands.needCertificates = set->needsCertificates();
    }
    return std::make_shared<const AllianceDemands>(std::move(demands));
}

}  // namespace postseal::discover
