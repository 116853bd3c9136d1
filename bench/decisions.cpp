// bench_decisions: how fast a destination is decided, on one core. Cached: 1,000 domains asked for in turn,
// as deliveries ask. Cold: what a first decision costs us beside its DNS round trips, which are counted. DNS
// is a table in memory. Prints what it measured; ends with 1 where less than the goal was reached.
#include "discover/destination.hpp"
#include "task/cores.hpp"

#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

namespace {

using namespace postseal;

constexpr int domains = 1000;
constexpr int cachedRounds = 500;
constexpr double goal = 100'000;  // cached decisions a second

std::size_t roundTrips = 0;

dns::Answer answerTo(const dns::Question& question) {
    dns::Answer answer{.status = dns::Status::noData, .ttl = std::chrono::hours(1)};
    if (question.type == dns::Type::mx) {
        const auto host = *base::DomainName::parse("mx." + question.name.text());
        answer.status = dns::Status::found;
        answer.records = std::vector{dns::Mx{10, host}};
    } else if (question.type == dns::Type::a) {
        answer.status = dns::Status::found;
        answer.records = std::vector{base::IpAddress::v4({8, 8, 8, 8})};
    }
    return answer;
}

task::Awaitable<std::vector<dns::Answer>> answerAll(std::vector<dns::Question> questions) {
    ++roundTrips;
    std::vector<dns::Answer> answers;
    answers.reserve(questions.size());
    for (const auto& question : questions)
        answers.push_back(answerTo(question));
    co_return answers;
}

std::string nameOf(int number) {
    return "domain" + std::to_string(number) + ".example";
}

std::shared_ptr<const discover::DestinationSettings> settingsWithMap() {
    std::string text;
    for (int i = 0; i < domains; i += 2)
        text += nameOf(i) + " secure match=nexthop:dot-nexthop\n";
    auto map = policy::Map::parse(text, "tls_policy", [](const std::string&) {
        return base::Result<record::Anchors, std::string>(record::Anchors{});
    });
    auto settings = std::make_shared<discover::DestinationSettings>();
    settings->map = std::make_shared<policy::Map>(std::move(*map));
    return settings;
}

/// As the queue and its recipients have them.
std::vector<discover::Query> allQueries() {
    std::vector<discover::Query> all;
    all.reserve(domains);
    for (int i = 0; i < domains; ++i)
        all.push_back({.nextHop = *record::NextHop::parse(nameOf(i)), .domain = nameOf(i)});
    return all;
}

task::Awaitable<void> decideAll(discover::Destinations* destinations, int rounds, std::size_t* hosts) {
    const auto queries = allQueries();
    for (int round = 0; round < rounds; ++round)
        for (auto query : queries) {
            const auto found = co_await destinations->find(std::move(query));
            *hosts += found->hosts.size();
        }
}

/// Decisions a second.
double measure(discover::Destinations& destinations, int rounds) {
    task::Core core(0, {});
    std::size_t hosts = 0;
    const auto begun = std::chrono::steady_clock::now();
    task::spawn(core, decideAll(&destinations, rounds, &hosts), "decisions");
    core.context.run();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    const auto decisions = static_cast<double>(rounds) * domains;
    return hosts == static_cast<std::size_t>(decisions) ? decisions / took.count() : 0;
}

}  // namespace

int main() {
    discover::Destinations destinations({.ask = answerAll}, settingsWithMap());
    const double cold = measure(destinations, 1);
    std::printf("cold decisions: %.0f a second, %.1f DNS round trips each\n", cold,
                static_cast<double>(roundTrips) / domains);
    const auto before = roundTrips;
    const double cached = measure(destinations, cachedRounds);
    std::printf("cached decisions: %.0f a second, %zu DNS round trips\n", cached, roundTrips - before);
    return cached >= goal && roundTrips == before ? 0 : 1;
}
