#include "app/descriptors.hpp"

#include <doctest/doctest.h>

namespace postseal::app {

TEST_CASE("rule 53: sessions end where descriptors would, and the warning says how many") {
    struct Row {
        const char* why;
        unsigned asked;
        std::size_t descriptors;
        unsigned want;
    };
    // 1000 deliveries with two files each, and 512 for the server: 2512.
    const Row rows[] = {
        {"enough", 10000, 22512, 10000},     {"one too few", 10000, 22511, 9999},
        {"few", 10000, 4096, 792},           {"hardly any: some sessions must be", 10000, 1024, 10},
        {"fewer are asked for", 5, 1024, 5},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        config::Settings settings;
        settings.receive.sessions.sessions = row.asked;
        settings.deliver.connections = 1000;
        const auto warning = fitSessions(settings, row.descriptors);
        CHECK(settings.receive.sessions.sessions == row.want);
        CHECK(warning.has_value() == (row.want != row.asked));
        if (warning) CHECK(warning->find(std::to_string(row.want) + " sessions") != std::string::npos);
    }
}

}  // namespace postseal::app
