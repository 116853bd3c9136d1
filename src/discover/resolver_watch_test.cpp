#include "discover/resolver_watch.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <doctest/doctest.h>

namespace postseal::discover {
namespace {

using dns::Answer;
using dns::Status;
using record::DnssecStatus;

const Answer proven{.status = Status::noData, .dnssec = DnssecStatus::secure};
const Answer bare{.status = Status::found, .dnssec = DnssecStatus::insecure};
const Answer falsified = dns::failed("A of x: DNSSEC validation failed", DnssecStatus::bogus);
const Answer silent = dns::failed("the name servers did not answer in time");

task::Awaitable<std::vector<Answer>> next(std::shared_ptr<std::vector<std::vector<Answer>>> rounds,
                                          std::vector<dns::Question> questions) {
    CHECK(questions.size() == 2);
    auto answers = rounds->front();
    rounds->erase(rounds->begin());
    co_return answers;
}

}  // namespace

TEST_CASE("rule 17: what the answers to known names say of the resolver") {
    struct Row {
        const char* why;
        std::vector<Answer> proven, bogus;
        ResolverHealth want;
    };
    using enum ResolverHealth;
    const Row rows[] = {
        {"all as it should be", {proven}, {falsified}, works},
        {"a resolver that we trust says SERVFAIL for what is false", {proven}, {silent}, works},
        {"proven, and nothing is asked for the other", {proven}, {}, works},
        {"a signed name without proof: nobody validates", {bare}, {bare}, fails},
        {"though the other could not be asked", {bare}, {silent}, fails},
        {"all is proven, even what is false: a resolver that sets the bit for everything",
         {proven},
         {bare},
         fails},
        {"a bogus domain that was mended since", {proven}, {proven}, works},
        {"nothing validates: no signatures, a wrong clock or an old anchor", {falsified}, {falsified}, fails},
        {"offline: not known", {silent}, {silent}, unknown},
        {"of several one is as it should be", {silent, bare, proven}, {falsified, bare}, works},
        {"no names", {}, {}, unknown},
    };
    for (const auto& row : rows) {
        INFO(std::string(row.why));
        const auto verdict = judgeSelfTest(row.proven, row.bogus);
        CHECK(verdict.health == row.want);
        CHECK(verdict.words.empty() == (row.want == works));
    }
}

TEST_CASE("rule 17: three tries, and the first that works is the verdict") {
    const auto outcome = [](std::vector<std::vector<Answer>> rounds) {
        const auto left = std::make_shared<std::vector<std::vector<Answer>>>(std::move(rounds));
        boost::asio::io_context context;
        const auto ask = [left](std::vector<dns::Question> questions) {
            return next(left, std::move(questions));
        };
        auto verdict = boost::asio::co_spawn(
            context, ResolverWatch::test(ask, {}, std::chrono::milliseconds(1)), boost::asio::use_future);
        context.run();
        return std::pair(verdict.get().health, left->size());
    };
    const std::vector<Answer> good{proven, falsified}, bad{bare, bare}, none{silent, silent};
    CHECK(outcome({good, bad}) == std::pair(ResolverHealth::works, std::size_t{1}));
    CHECK(outcome({none, bad, good}) == std::pair(ResolverHealth::works, std::size_t{0}));
    CHECK(outcome({bad, bad, bad, good}) == std::pair(ResolverHealth::fails, std::size_t{1}));
    CHECK(outcome({none, none, none, good}) == std::pair(ResolverHealth::unknown, std::size_t{1}));
}

}  // namespace postseal::discover
