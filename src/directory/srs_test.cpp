#include "directory/srs.hpp"

#include "base/ascii.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace postseal;
using namespace postseal::directory;
using namespace std::chrono_literals;
using std::chrono::days;

namespace {

const base::DomainName ours = base::DomainName::parse("our.example").value();
constexpr base::Timestamp now = base::fromMicros(1'795'478'400'000'000);

Srs sample(std::string_view secret = "0123456789abcdef0123456789abcdef") {
    return Srs(base::Secret(secret));
}
record::Mailbox box(std::string_view text) {
    return record::Mailbox::parse(text).value();
}
std::string back(const Srs& srs, std::string_view local, base::Timestamp when = now) {
    const auto found = srs.reverse(local, when);
    return found ? found->toText() : "none";
}

}  // namespace

TEST_CASE("SRS0: there and back, for any sender") {
    const auto srs = sample();
    for (const std::string_view sender :
         {"bob@example.net", "Bob.Smith+x=y@Example.NET", "=@a.b", "\"with space\"@example.net",
          "bounce-1=user=list.example@lists.example", "srs0@example.net", "SRS0@example.net"}) {
        INFO(sender);
        const auto made = srs.forward(box(sender), ours, now);
        REQUIRE(made);
        CHECK(made->domain() == record::MailDomain(ours));
        CHECK(made->local().starts_with("SRS0="));
        CHECK(back(srs, made->local()) == box(sender).toText());
        CHECK(back(srs, base::toLower(made->local())) == base::toLower(box(sender).toText()));
        CHECK(record::Mailbox::parse(made->toText()));
        CHECK(back(sample("another secret"), made->local()) == "none");
    }
}

TEST_CASE("SRS0: nothing of it can be changed") {
    const auto srs = sample();
    const auto local = srs.forward(box("bob@example.net"), ours, now)->local();
    for (std::size_t i = 5; i < local.size(); ++i) {
        auto forged = local;
        forged[i] = base::toLower(forged[i]) == 'x' ? 'y' : 'x';
        INFO(forged);
        CHECK(back(srs, forged) == "none");
        CHECK(back(srs, local.substr(0, i)) == "none");
    }
    for (const std::string_view bad :
         {"SRS0", "SRS0=", "SRS0==", "SRS0====", "SRS0=AAAAAAAAAA=AA=example.net=bob",
          "SRS0=AAAA=AA=example.net=bob", "SRS2=a=b=c=d", "bob", "", "SRS1=", "SRS1===="})
        CHECK(back(srs, bad) == "none");
    CHECK(back(srs, "SRS0+" + local.substr(5)) == "bob@example.net");  // another sign behind the tag
}

TEST_CASE("SRS0: an address lives for three weeks, also where the count of days begins anew") {
    const auto srs = sample();
    for (int day = 0; day < 1024; day += 31) {
        const auto sent = now + days(day);
        const auto local = srs.forward(box("bob@example.net"), ours, sent)->local();
        INFO(day);
        for (const int age : {-1, 0, 1, 20, 21})
            CHECK(back(srs, local, sent + days(age)) == "bob@example.net");
        for (const int age : {-2, -30, 22, 100, 512, 1000})
            CHECK(back(srs, local, sent + days(age)) == "none");
    }
}

TEST_CASE("SRS1: another forwarder's address does not grow, and returns to it") {
    const auto srs = sample();
    const auto once = srs.forward(box("SRS0=HHH=TT=example.net=bob@first.example"), ours, now);
    REQUIRE(once);
    CHECK(once->local().starts_with("SRS1="));
    CHECK(once->local().ends_with("=first.example==HHH=TT=example.net=bob"));
    CHECK(back(srs, once->local()) == "SRS0=HHH=TT=example.net=bob@first.example");

    const auto later =
        srs.forward(box("SRS1=XXXX=first.example==HHH=TT=example.net=bob@second.example"), ours, now);
    CHECK(later == once);
    const auto plus = srs.forward(box("SRS0+HHH=TT=example.net=bob@first.example"), ours, now);
    CHECK(back(srs, plus->local()) == "SRS0+HHH=TT=example.net=bob@first.example");

    auto forged = once->local();
    forged.replace(forged.find("first"), 5, "third");
    CHECK(back(srs, forged) == "none");
    CHECK(srs.forward(box("SRS1=@first.example"), ours, now)->local().starts_with("SRS0="));
}

TEST_CASE("SRS: what no address can hold stays as it is") {
    const auto srs = sample();
    CHECK_FALSE(srs.forward(box(std::string(240, 'a') + "@example.net"), ours, now));
    CHECK_FALSE(srs.forward(box("bob@[192.0.2.1]"), ours, now));
}
