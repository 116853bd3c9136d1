#include "discover/alliance_fetch.hpp"

#include "base/ascii.hpp"
#include "policy/dsse.hpp"
#include "task/clock.hpp"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <utility>

namespace postseal::discover {
namespace {

using base::fail;
using base::Result;

constexpr std::string_view scheme = "https://";
constexpr std::chrono::seconds longest{60};

Result<std::string, std::string> listOf(net::HttpsResponse response) {
    if (response.status != 200) return fail(fmt::format("it answered {}", response.status));
    const auto& encoding = response.contentEncoding;
    if (!encoding.empty() && !base::sameWord(encoding, "identity"))
        return fail(std::string("its answer is encoded, which was not asked for"));
    return std::move(response.body);
}

task::Awaitable<Result<std::string, std::string>> fetchFrom(Ask ask,
                                                            std::shared_ptr<const StsFetchSettings> settings,
                                                            std::shared_ptr<const tls::TrustStore> trust,
                                                            AllianceUrl url) {
    const auto deadline = std::chrono::steady_clock::now() + longest;
    std::vector<dns::Question> questions{{url.host, dns::Type::a}, {url.host, dns::Type::aaaa}};
    const auto answers = co_await ask(std::move(questions));
    auto there = *settings;
    there.port = url.port;
    auto addresses = policyHostAddresses(answers.at(0), answers.at(1), there);
    if (!addresses) co_return fail(addresses.error());
    net::HttpsRequest request{.host = std::move(url.host),
                              .path = std::move(url.path),
                              .addresses = std::move(*addresses),
                              .mostBytes = policy::SignedEnvelope::longestText,
                              .deadline = deadline,
                              .now = task::timeNow()};
    net::HttpsClient client(std::move(trust));
    auto response = co_await client.get(std::move(request));
    if (!response) co_return fail(std::move(response.error().words));
    co_return listOf(std::move(*response));
}

}  // namespace

std::optional<AllianceUrl> AllianceUrl::parse(std::string_view text) {
    if (!base::startsWithWord(text, scheme)) return std::nullopt;
    text.remove_prefix(scheme.size());
    const auto slash = std::min(text.find('/'), text.size());
    auto authority = text.substr(0, slash);
    const auto path = text.substr(slash);
    if (!std::ranges::all_of(path, [](char c) { return base::isPrintable(c) && c != ' ' && c != '#'; }))
        return std::nullopt;
    std::uint16_t port = 443;
    if (const auto colon = authority.find(':'); colon != authority.npos) {
        const auto digits = authority.substr(colon + 1);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
        if (error != std::errc() || end != digits.data() + digits.size() || port == 0) return std::nullopt;
        authority = authority.substr(0, colon);
    }
    auto host = base::DomainName::parse(authority);
    if (!host) return std::nullopt;
    return AllianceUrl{std::move(*host), port, path.empty() ? "/" : std::string(path)};
}

task::Awaitable<Result<std::string, std::string>>
fetchAlliance(Ask ask, std::shared_ptr<const StsFetchSettings> settings,
              std::shared_ptr<const tls::TrustStore> trust, std::string url) {
    auto parsed = AllianceUrl::parse(url);
    if (!parsed) co_return fail(url + ": it is no URL like https://lists.example.org/post.json");
    auto text = co_await fetchFrom(std::move(ask), std::move(settings), std::move(trust), std::move(*parsed));
    if (!text) co_return fail(fmt::format("{}: {}", url, text.error()));
    co_return text;
}

}  // namespace postseal::discover
