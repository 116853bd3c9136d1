#include "receive/client_names.hpp"

#include "task/cores.hpp"

#include <doctest/doctest.h>

namespace postseal::receive {
namespace {

using namespace std::chrono_literals;

base::IpAddress address(const char* text) {
    return *base::IpAddress::parse(text);
}

task::Awaitable<void> ask(ClientNames* names, base::IpAddress client, std::string* into) {
    *into = co_await names->find(client);
}

task::Awaitable<base::Result<std::string>> answer(bool silent, std::string name) {
    if (silent) co_return base::fail(base::Error{std::make_error_code(std::errc::timed_out), {}, {}});
    co_return name;
}

std::string found(ClientNames& names, const char* client) {
    std::string name = "nothing";
    task::Core core(0, {});
    task::spawn(core, ask(&names, address(client), &name), "test");
    core.context.run_for(5s);
    return name;
}

}  // namespace

TEST_CASE("client names: asked once an address, never for loopback, nobody waits for a silent resolver") {
    int asked = 0;
    bool silent = false;
    ClientNames names([&](base::IpAddress client) {
        ++asked;
        return answer(silent, client == address("192.0.2.1") ? "mail.example.org" : "");
    });
    CHECK(found(names, "127.0.0.1") == "localhost");
    CHECK(found(names, "::1") == "localhost");
    CHECK(found(names, "127.0.0.2").empty());
    CHECK(asked == 0);
    CHECK(found(names, "192.0.2.1") == "mail.example.org");
    CHECK(found(names, "192.0.2.1") == "mail.example.org");
    CHECK(asked == 1);
    CHECK(found(names, "192.0.2.2").empty());
    CHECK(found(names, "192.0.2.2").empty());
    CHECK(asked == 2);
    silent = true;
    CHECK(found(names, "192.0.2.3").empty());
    CHECK(found(names, "192.0.2.4").empty());
    CHECK(asked == 3);
    CHECK(found(names, "192.0.2.1") == "mail.example.org");
}

}  // namespace postseal::receive
