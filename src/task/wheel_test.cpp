#include "task/wheel.hpp"

#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include <memory>
#include <vector>

using namespace postseal::task;
using namespace std::chrono_literals;

namespace {

struct Mark {
    explicit Mark(Wheel& wheel)
        : wheel(wheel), deadline(wheel, [](void* self) { static_cast<Mark*>(self)->expired(); }, this) {}
    void expired() {
        ++times;
        after = wheel.now() - begun;
    }

    Wheel& wheel;
    postseal::base::Tick begun = wheel.now();
    std::chrono::nanoseconds after{};
    int times = 0;
    Deadline deadline;
};

}  // namespace

TEST_CASE("a deadline fires once, never early, at most a slot late") {
    boost::asio::io_context context;
    Wheel wheel(context);
    for (const auto duration : {0ms, 1ms, 100ms, 250ms}) {
        Mark mark(wheel);
        mark.deadline.arm(duration);
        context.run();  // returns: an empty wheel doesn't turn
        context.restart();
        INFO(duration.count());
        CHECK(mark.times == 1);
        CHECK(mark.after >= duration);
        CHECK(mark.after < duration + 190ms);  // one slot, and some for a busy machine
    }
}

TEST_CASE("armed anew, later or earlier, the last time counts; disarmed or destroyed it never fires") {
    boost::asio::io_context context;
    Wheel wheel(context);
    Mark later(wheel);
    Mark earlier(wheel);
    Mark disarmed(wheel);
    later.deadline.arm(100ms);
    later.deadline.arm(400ms);
    earlier.deadline.arm(1h);
    earlier.deadline.arm(100ms);
    disarmed.deadline.arm(100ms);
    disarmed.deadline.disarm();
    {
        Mark destroyed(wheel);
        destroyed.deadline.arm(100ms);
    }
    context.run();
    CHECK(later.times == 1);
    CHECK(later.after >= 400ms);
    CHECK(earlier.times == 1);
    CHECK(earlier.after < 300ms);
    CHECK(disarmed.times == 0);
}

TEST_CASE("what expires may arm, disarm and destroy others of the same slot") {
    boost::asio::io_context context;
    Wheel wheel(context);
    struct Killer {
        Mark* rearmed;
        std::unique_ptr<Mark> victim;
        std::unique_ptr<Deadline> deadline;
        int times = 0;
    };
    Mark rearmed(wheel);
    Killer killer{&rearmed, std::make_unique<Mark>(wheel), nullptr, 0};
    killer.deadline = std::make_unique<Deadline>(
        wheel,
        [](void* subject) {
            auto& self = *static_cast<Killer*>(subject);
            ++self.times;
            self.victim.reset();
            self.rearmed->deadline.arm(200ms);
            self.deadline.reset();
        },
        &killer);
    killer.deadline->arm(100ms);
    killer.victim->deadline.arm(100ms);
    rearmed.deadline.arm(100ms);
    context.run();
    CHECK(killer.times == 1);
    CHECK(rearmed.times == 1);
    CHECK(rearmed.after >= 200ms);
}

TEST_CASE("thousands, beyond one turn of the wheel, and a wheel stopped before its context") {
    boost::asio::io_context context;
    Wheel wheel(context);
    std::vector<std::unique_ptr<Mark>> marks;
    for (int i = 0; i < 5000; ++i) {
        marks.push_back(std::make_unique<Mark>(wheel));
        marks.back()->deadline.arm(i % 2 == 0 ? 150ms : 10min);
    }
    context.run_for(500ms);
    int fired = 0;
    for (const auto& mark : marks)
        fired += mark->times;
    CHECK(fired == 2500);
    wheel.stop();
}
