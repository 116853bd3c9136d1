// Whose fetch may begin: few are under way at a time, since descriptors are few, and strangers can make us
// want many (whoever sends us mail that we report on chooses the domain, and his host may take a minute for
// its answer). So mail and our own reports have turns of their own, few for reports; one who registered a
// domain has few of them at a time, however many names he makes up below it; and those who wait take turns by
// what was registered. On one core.
#pragma once

#include "policy/requiretls.hpp"
#include "task/awaitable.hpp"
#include "task/completion.hpp"

#include <array>
#include <cstddef>
#include <deque>
#include <string>
#include <unordered_map>
#include <variant>

namespace postseal::discover {

class FetchTurns {
public:
    struct Lane {
        std::size_t most = 0;        // at a time
        std::size_t ofOneOwner = 0;  // of them
    };
    static constexpr Lane forMail{180, 10}, forReports{20, 2};

    /// One fetch; lives from begin() to end() where it waits.
    struct Turn {
        std::string owner;  // base::registrableDomain
        policy::MailKind kind = policy::MailKind::message;
        task::Completion<std::monostate>* waiting = nullptr;  // while it does
    };

    /// Suspends until the fetch may begin; end() must follow, whatever comes of it.
    task::Awaitable<void> begin(Turn& turn);
    void end(const Turn& turn);
    /// Mail waits for it too: if it has not begun yet, it need not wait among the reports.
    void mailWaits(Turn& turn);

private:
    struct Running {
        Lane limits;
        std::size_t count = 0;
        std::unordered_map<std::string, std::size_t> ofOwner = {};
        std::unordered_map<std::string, std::deque<Turn*>> waiting = {};  // by owner; none is empty
        std::deque<std::string> order = {};                               // of those who wait
    };

    Running& laneOf(policy::MailKind kind);
    static bool hasRoom(const Running& lane, const std::string& owner);
    static void start(Running& lane, const std::string& owner);
    static void enqueue(Running& lane, Turn& turn);
    static void next(Running& lane);

    std::array<Running, 2> lanes_{Running{forMail}, Running{forReports}};
};

}  // namespace postseal::discover
