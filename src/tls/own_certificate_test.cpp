#include "tls/own_certificate.hpp"

#include "tls/test_certificates.hpp"

#include <doctest/doctest.h>

namespace postseal::tls {

TEST_CASE("our own certificate: its dates are told while there is time, and loudly when it is over") {
    struct Row {
        const char* why;
        int firstDay, lastDay;
        std::string_view says;  // empty: nothing
    };
    const Row rows[] = {
        {"fresh", -30, 60, ""},
        {"fourteen days left", -76, 14, ""},
        {"less than that", -77, 13, "expires on 2026-12-06 (13 days left)"},
        {"the last day", -90, 1, "(1 days left)"},
        {"over", -90, 0, "ALARM: the certificate expired on 2026-11-23"},
        {"long over", -400, -300, "ALARM: the certificate expired on 2026-01-27"},
        {"not begun", 1, 90, "ALARM: the certificate is not valid before 2026-11-24"},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        const auto made =
            test::make({.commonName = "mx.example.org", .firstDay = row.firstDay, .lastDay = row.lastDay});
        const auto fault = dateFault(made.certificate.get(), test::now);
        CHECK(fault.has_value() == !row.says.empty());
        INFO(fault.value_or(""));
        CHECK(fault.value_or("").find(row.says) != std::string::npos);
    }
}

TEST_CASE("our own certificate: one of them is for our name, or that is told") {
    const auto ours = base::DomainName::parse("mx.example.org").value();
    const auto with = [](std::vector<std::string> names) {
        std::vector<Certificate> all;
        all.reserve(names.size());
        for (auto& name : names)
            all.push_back(test::make({.commonName = name, .dnsNames = {name}}).certificate);
        return all;
    };
    CHECK_FALSE(nameFault(with({}), ours));
    CHECK_FALSE(nameFault(with({"mx.example.org"}), ours));
    CHECK_FALSE(nameFault(with({"*.example.org"}), ours));
    CHECK_FALSE(nameFault(with({"www.example.org", "mx.example.org"}), ours));
    CHECK(nameFault(with({"www.example.org", "example.org"}), ours)
              .value()
              .find("no certificate is for mx.example.org, but for www.example.org, example.org") == 0);
    CHECK(nameFault(with({"localhost"}), ours));
}

}  // namespace postseal::tls
