#include "task/wheel.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>

namespace postseal::task {
namespace {

constexpr std::chrono::milliseconds slotTime{100};

std::int64_t slotOf(base::Tick tick) {
    return tick.time_since_epoch() / slotTime;
}

}  // namespace

Deadline::~Deadline() {
    wheel_->remove(*this);
}

void Deadline::arm(std::chrono::milliseconds duration) {
    armAt(wheel_->now() + duration);
}

void Deadline::armAt(base::Tick tick) {
    if (tick == base::Tick::max()) return disarm();
    due_ = slotOf(tick) + 1;
    // Later than the slot that holds it: it moves on when that slot is visited.
    if (!isAlone() && visit_ <= due_) return;
    wheel_->remove(*this);
    wheel_->put(*this);
}

struct Wheel::Timer {
    explicit Timer(boost::asio::io_context& context) : timer(context) {}
    boost::asio::steady_timer timer;
};

Wheel::Wheel(boost::asio::io_context& context) : context_(context) {}

Wheel::~Wheel() {
    stop();
}

void Wheel::stop() {
    stopped_ = true;
    timer_.reset();
}

void Wheel::put(Deadline& deadline) {
    if (count_++ == 0 && !waiting_) turned_ = slotOf(now());
    const auto first = turned_ + 1;
    deadline.due_ = std::max(deadline.due_, first);
    deadline.visit_ = first + (deadline.due_ - first) % slotCount;
    deadline.insertBefore(slots_[static_cast<std::size_t>(deadline.visit_ % slotCount)]);
    wait();
}

void Wheel::remove(Deadline& deadline) {
    if (deadline.isAlone()) return;
    deadline.unlink();
    --count_;
}

void Wheel::wait() {
    if (waiting_ || stopped_) return;
    waiting_ = true;
    if (!timer_) timer_ = std::make_unique<Timer>(context_);
    timer_->timer.expires_at(base::Tick((turned_ + 1) * slotTime));
    timer_->timer.async_wait([this](const boost::system::error_code& error) {
        if (error) return;  // stopped: `this` may be gone
        waiting_ = false;
        turn();
        if (count_ > 0) wait();
    });
}

void Wheel::turn() {
    const auto now = slotOf(this->now());
    // After a long pause each slot is visited once, not once for every round missed.
    auto slot = std::max(turned_ + 1, now - slotCount + 1);
    turned_ = std::max(turned_, now);
    for (; slot <= now && !stopped_; ++slot)
        visit(slots_[static_cast<std::size_t>(slot % slotCount)], now);
}

void Wheel::visit(detail::Link& slot, std::int64_t now) {
    if (slot.isAlone()) return;
    detail::Link due;  // whoever is destroyed or armed meanwhile leaves this list by itself
    due.insertBefore(slot);
    slot.unlink();
    while (!due.isAlone()) {
        auto& deadline = static_cast<Deadline&>(*due.after);
        remove(deadline);
        if (deadline.due_ == Deadline::never) continue;
        if (deadline.due_ > now) {
            put(deadline);
            continue;
        }
        deadline.due_ = Deadline::never;
        deadline.expired_(deadline.subject_);
    }
}

}  // namespace postseal::task
