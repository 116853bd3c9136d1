#include "discover/mta_sts_fetch.hpp"

#include "base/ascii.hpp"
#include "policy/mta_sts.hpp"
#include "task/clock.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace postseal::discover {
namespace {

using base::fail;
using base::Result;

constexpr std::string_view path = "/.well-known/mta-sts.txt";
constexpr std::size_t shown = 80;  // of a foreign text, in words for people

tl::unexpected<StsFailure> notFetched(std::string words) {
    return fail(StsFailure{record::Why::stsFetch, std::move(words)});
}

/// RFC 8460 §4.3.2.1 has a word of its own for a policy host that can't prove itself.
StsFailure failureOf(const net::HttpsFailure& failure) {
    const bool isUnproven = failure.kind == net::HttpsFailure::Kind::notProven;
    return {isUnproven ? record::Why::stsWebPki : record::Why::stsFetch, failure.words};
}

bool mayConnect(const net::Endpoint& to, const StsFetchSettings& settings) {
    if (std::ranges::find(settings.ourEndpoints, dns::Endpoint{to.address, to.port}) !=
        settings.ourEndpoints.end())
        return false;
    return !to.address.isSpecial() || std::ranges::any_of(settings.allowed, [&](const auto& network) {
        return network.contains(to.address);
    });
}

}  // namespace

Result<std::vector<net::Endpoint>, std::string>
policyHostAddresses(const dns::Answer& v4, const dns::Answer& v6, const StsFetchSettings& settings) {
    const auto four = v4.all<base::IpAddress>();
    const auto six = v6.all<base::IpAddress>();
    std::vector<net::Endpoint> all;
    for (std::size_t i = 0; i < std::max(four.size(), six.size()); ++i) {
        if (i < six.size()) all.push_back({six[i], settings.port});
        if (i < four.size()) all.push_back({four[i], settings.port});
    }
    if (all.empty()) {
        for (const auto* answer : {&v6, &v4})
            if (answer->status == dns::Status::failed) return fail(answer->why);
        return fail(std::string("the policy host has no address"));
    }
    std::erase_if(all, [&](const auto& endpoint) { return !mayConnect(endpoint, settings); });
    if (all.empty())
        return fail(std::string("its addresses are not public, and allow_addresses does not list them"));
    if (all.size() > StsFetcher::mostAddresses) all.resize(StsFetcher::mostAddresses);
    return all;
}

Result<std::string, std::string> policyText(net::HttpsResponse response) {
    if (response.status >= 300 && response.status < 400)
        return fail(fmt::format("it answered {}, and redirects are not followed", response.status));
    if (response.status != 200) return fail(fmt::format("it answered {}", response.status));
    const std::string_view type = response.contentType;
    if (!base::sameWord(base::trim(type.substr(0, type.find(';'))), "text/plain"))
        return fail(fmt::format("its answer is of type \"{}\", not text/plain", base::escaped(type, shown)));
    const auto& encoding = response.contentEncoding;
    if (!encoding.empty() && !base::sameWord(encoding, "identity"))
        return fail(fmt::format("its answer is encoded as \"{}\", which was not asked for",
                                base::escaped(encoding, shown)));
    // Cut at a line's end, a policy loses hosts or becomes none; cut within a line, it could lose days.
    if (!response.isWhole && !response.body.ends_with('\n'))
        return fail(std::string("its answer may have been cut short: nothing told its end"));
    return std::move(response.body);
}

task::Awaitable<Result<std::string, StsFailure>> StsFetcher::fetch(base::DomainName domain) {
    const auto host = policy::stsPolicyHost(domain);
    if (!host) co_return notFetched(fmt::format("mta-sts.{} {}", domain.text(), host.error()));
    auto text = co_await fetchFrom(*host);
    if (text) co_return text;
    auto failure = std::move(text.error());
    failure.words = fmt::format("https://{}{}: {}", host->text(), path, failure.words);
    co_return fail(std::move(failure));
}

task::Awaitable<Result<std::string, StsFailure>> StsFetcher::fetchFrom(base::DomainName host) {
    const auto deadline = std::chrono::steady_clock::now() + longest;
    std::vector<dns::Question> questions{{host, dns::Type::a}, {host, dns::Type::aaaa}};
    const auto answers = co_await ask_(std::move(questions));
    auto addresses = policyHostAddresses(answers.at(0), answers.at(1), *settings_);
    if (!addresses) co_return notFetched(addresses.error());
    net::HttpsRequest request{.host = std::move(host),
                              .path = std::string(path),
                              .addresses = std::move(*addresses),
                              .mostBytes = policy::MtaStsPolicy::longestText,
                              .deadline = deadline,
                              .now = task::timeNow()};
    auto response = co_await client_.get(std::move(request));
    if (!response) co_return fail(failureOf(response.error()));
    auto text = policyText(std::move(*response));
    if (!text) co_return notFetched(text.error());
    co_return std::move(*text);
}

void StsFetcher::replace(std::shared_ptr<const StsFetchSettings> settings,
                         std::shared_ptr<const tls::TrustStore> trust) {
    settings_ = std::move(settings);
    client_.replace(std::move(trust));
}

}  // namespace postseal::discover
