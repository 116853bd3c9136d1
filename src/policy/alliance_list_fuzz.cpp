// An alliance's list and its envelope: any text is one or is refused with words; an envelope reads back as
// itself; what a list promises can be asked for, and decides to a requirement.
#include "policy/alliance_set.hpp"
#include "policy/dsse.hpp"
#include "policy/outbound.hpp"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace postseal;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto envelope = policy::parseEnvelope(text)) {
        const auto again = policy::parseEnvelope(policy::toJson(*envelope));
        if (!again || *again != *envelope) std::abort();
    } else if (envelope.error().empty()) {
        std::abort();
    }
    const auto read = [](const std::string& pem) -> base::Result<policy::AnchorCertificate, std::string> {
        if (pem.empty()) return base::fail(std::string("no certificate"));
        policy::AnchorCertificate made;
        made.key[0] = static_cast<std::byte>(pem.size());
        made.anchors.digest = made.key;
        return made;
    };
    auto list = policy::parseAlliance(text, read);
    if (!list) {
        if (list.error().empty()) std::abort();
        return 0;
    }
    const auto now = list->issued;
    policy::JoinedAlliance joined{.list = *list};
    for (const auto& member : list->members)
        joined.accepted.insert(member.domains.begin(), member.domains.end());
    const policy::AllianceSet set({joined}, policy::AfterEnd::stay, {});
    for (const auto& member : list->members)
        for (const auto& domain : member.domains) {
            const auto name = domain.starts_with('.') ? "a" + domain : domain;
            if (set.find(name).empty()) std::abort();
            const auto decision = policy::decide(set.claims(name, now), {name, "mx." + name});
            const auto parsed = record::parseRequirement(toText(decision.requirement));
            if (!parsed || *parsed != decision.requirement) std::abort();
        }
    return 0;
}
