// [dns]: whom we ask for names, and who checks DNSSEC.
#include "config/keys.hpp"
#include "net/trust_anchor.hpp"

#include <algorithm>

namespace postseal::config {
namespace {

constexpr std::array<std::pair<std::string_view, net::Validation>, 3> validations{
    {{"self", net::Validation::self},
     {"resolver", net::Validation::resolver},
     {"off", net::Validation::off}}};

void takeServers(Draft& draft, Item& item) {
    for (const auto& text : item.texts()) {
        auto endpoint = net::parseEndpoint(text);
        if (const auto address = base::IpAddress::parse(text); address && !endpoint)
            endpoint = net::Endpoint{*address, 53};
        if (endpoint)
            draft.settings.resolver.servers.push_back(*endpoint);
        else
            item.fail("\"" + base::escaped(text, 80) + "\" is no address of a resolver",
                      "write \"127.0.0.1\" or \"127.0.0.1@5353\"");
    }
}

void takeTrustAnchor(Draft& draft, Item& item) {
    const auto file = item.path();
    const auto text = file.empty() ? std::nullopt : item.textOf(file);
    if (!text) return;
    if (const auto anchors = net::parseTrustAnchors(*text); !anchors)
        return item.fail(file.string() + " " + anchors.error(),
                         "Debian's is /usr/share/dns/root.key, of the package dns-root-data");
    draft.settings.resolver.trustAnchor = file.string();
}

void takeNames(std::vector<base::DomainName>& target, Item& item) {
    target.clear();
    for (const auto& text : item.textOrTexts()) {
        // The root has no name of its own here; what it signs proves it as well.
        auto name = base::DomainName::parse(text == "." ? "arpa" : text);
        if (name)
            target.push_back(std::move(*name));
        else
            item.fail("\"" + base::escaped(text, 80) + "\" " + name.error());
    }
}

constexpr Key dns[] = {
    {"servers", "[]", "Resolvers to ask, such as `[\"127.0.0.1@5353\"]`. Empty: the system's.", takeServers},
    {"validate", "\"self\"",
     "Who checks DNSSEC, on which DANE rests: `self` (we do, from the trust anchor; the servers must pass "
     "signatures on), `resolver` (a validating resolver on this machine, whose word is taken: `servers` must "
     "then list loopback addresses alone) or `off` (nobody: no answer counts as proven).",
     [](Draft& d, Item& i) { i.takeWord(d.settings.resolver.validate, validations); }},
    {"trust_anchor", "\"/usr/share/dns/root.key\"",
     "With `self`: the keys of the root, as DS or DNSKEY records a line each, or the file that "
     "`unbound-anchor` "
     "keeps by RFC 5011. It is read at start.",
     takeTrustAnchor},
    {"cache_size", "\"64M\"", "The memory that answers may take until they are too old.",
     [](Draft& d, Item& i) {
         i.takeBytes(d.settings.resolver.cacheBytes, std::uint64_t{1} << 20U, std::uint64_t{1} << 36U);
     }},
};

constexpr Key selfTest[] = {
    {"signed", "[\".\"]", "Names that DNSSEC is known to prove; `.` is the root. A name or a list.",
     [](Draft& d, Item& i) { takeNames(d.settings.selfTest.proven, i); }},
    {"bogus", "[\"dnssec-failed.org\"]",
     "Names whose signatures are known to be false, so that no answer may be believed. A name or a list.",
     [](Draft& d, Item& i) { takeNames(d.settings.selfTest.bogus, i); }},
};

}  // namespace

std::span<const Key> dnsKeys() {
    return dns;
}
std::span<const Key> selfTestKeys() {
    return selfTest;
}

void reviewResolver(Draft& draft, Notes& notes) {
    const auto& resolver = draft.settings.resolver;
    if (resolver.validate == net::Validation::off && draft.settings.outbound.dane)
        draft.settings.warnings.emplace_back(
            "dns.validate = \"off\": no answer is proven, so DANE protects no mail; "
            "outbound.dane = false says that it is meant so");
    if (resolver.validate != net::Validation::resolver) return;
    const bool isOurs =
        !resolver.servers.empty() &&
        std::ranges::all_of(resolver.servers, [](const auto& server) { return server.address.isLoopback(); });
    // Anyone on the way to another machine could set the bit that says "proven" (rule 17).
    if (!isOurs)
        notes.add(0, "dns.validate",
                  "\"resolver\" believes what the servers say of DNSSEC, which is safe only on this machine",
                  "let `servers` list loopback addresses alone, or write validate = \"self\"");
}

}  // namespace postseal::config
