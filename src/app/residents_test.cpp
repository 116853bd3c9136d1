#include "app/residents.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace postseal::app {
namespace {

using Events = std::vector<std::string>;

/// Tells what it is asked to do; opens once it may.
class Recorded final : public Resident {
public:
    Recorded(std::string name, Events& events, bool mayOpen = true)
        : mayOpen(mayOpen), name_(std::move(name)), events_(events) {}
    ~Recorded() override { events_.push_back(name_ + " goes"); }

    Done open() override {
        events_.push_back(name_ + (mayOpen ? " opens" : " can't open"));
        return mayOpen ? Done() : base::fail(name_ + " is locked");
    }
    void start() override { events_.push_back(name_ + " starts"); }
    Done tick(const Now& /*now*/) override {
        events_.push_back(name_ + " ticks");
        return {};
    }
    void adopt(const std::shared_ptr<const Loaded>& /*loaded*/) override {
        events_.push_back(name_ + " adopts");
    }
    void stop() override { events_.push_back(name_ + " stops"); }
    std::vector<std::string> needsRestart(const config::Settings& from,
                                          const config::Settings& to) const override {
        return from.user == to.user ? std::vector<std::string>() : std::vector{name_};
    }

    bool mayOpen;

private:
    std::string name_;
    Events& events_;
};

}  // namespace

TEST_CASE("rule 56: whoever can't open keeps nobody from opening, and is tried again until he can") {
    Events events;
    const auto seen = [&] { return std::exchange(events, {}); };
    Residents residents{log::Log()};
    auto& late = residents.moveIn<Recorded>("queue", events, false);
    residents.moveIn<Recorded>("policy", events);

    residents.tick({});
    CHECK(seen() == Events{"queue can't open", "policy opens"});
    residents.start();
    CHECK(seen() == Events{"queue starts", "policy starts"});
    residents.tick({});
    CHECK(seen() == Events{"queue can't open", "policy ticks"});
    late.mayOpen = true;
    residents.tick({});
    CHECK(seen() == Events{"queue opens", "policy ticks"});
    late.mayOpen = false;  // what is open stays so
    residents.tick({});
    CHECK(seen() == Events{"queue ticks", "policy ticks"});
}

TEST_CASE("residents: all adopt, in their order, and go in the opposite one") {
    Events events;
    {
        Residents residents{log::Log()};
        residents.moveIn<Recorded>("first", events);
        residents.moveIn<Recorded>("second", events);
        residents.adopt(nullptr);
        residents.stop();
    }
    CHECK(events == Events{"first adopts", "second adopts", "second stops", "first stops", "second goes",
                           "first goes"});
}

TEST_CASE("residents: a reload is refused for what any of them can't adopt") {
    Events events;
    Residents residents{log::Log()};
    residents.moveIn<Recorded>("first", events);
    residents.moveIn<Recorded>("second", events);
    config::Settings from, to;
    CHECK(residents.needsRestart(from, to).empty());
    to.user = "postseal";
    CHECK(residents.needsRestart(from, to) == "first, second");
}

}  // namespace postseal::app
