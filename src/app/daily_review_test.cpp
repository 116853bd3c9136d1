#include "app/daily_review.hpp"

#include "config/load.hpp"
#include "store/descriptor.hpp"
#include "store/temp_dir_test.hpp"
#include "tls/test_certificates.hpp"

#include <doctest/doctest.h>

#include <unistd.h>

#include <array>
#include <fstream>
#include <iterator>

namespace postseal::app {
namespace {

namespace certificates = tls::test;
using namespace std::chrono_literals;

/// A server whose certificate is for 30 days more.
std::shared_ptr<const Loaded> withCertificate(const store::TempDir& dir, const char* hostname) {
    std::ofstream(dir / "mx.pem") << certificates::pemOf(
        certificates::make({.commonName = "mx.example.org", .dnsNames = {"mx.example.org"}})
            .certificate.get());
    const auto chain = (dir / "mx.pem").string();
    auto settings = config::parse(std::string("hostname = \"") + hostname +
                                      "\"\ndata_dir = \"data\"\n[tls]\ncertificates = [{ chain = \"" + chain +
                                      "\", key = \"" + chain + "\" }]\n",
                                  "x.toml");
    REQUIRE(settings);
    auto directory = std::make_shared<const directory::Directory>(settings->directory);
    return std::make_shared<Loaded>(
        Loaded{"x.toml", std::move(*settings), {}, {}, std::move(directory), {}, {}});
}

/// What was logged, once the sink has gone.
class Logged {
public:
    Logged()
        : file_(dir_ / "log"), out_(::open(file_.c_str(), O_WRONLY | O_CREAT, 0600)), sink_(settings()) {}
    log::Log log() { return {*sink_, "master"}; }
    std::string text() {
        sink_.reset();
        std::ifstream in(file_);
        return {std::istreambuf_iterator<char>(in), {}};
    }

private:
    log::SinkSettings settings() const {
        log::SinkSettings to;
        to.descriptor = out_.get();
        return to;
    }

    store::TempDir dir_;
    std::filesystem::path file_;
    store::Descriptor out_;
    std::optional<log::Sink> sink_;
};

}  // namespace

TEST_CASE("review: our own certificate is looked at once a day, by the configuration that is in force") {
    struct Row {
        const char* why;
        std::vector<std::chrono::hours> ticks;  // after the start
        const char* adopted;                    // the hostname after a reload, at the end
        std::size_t told;                       // of the certificate's end
        bool isOther;                           // told of another name
    };
    const Row rows[] = {
        {"the first day says nothing: the start has", {1h, 23h}, "", 0, false},
        {"then once a day", {24h, 25h, 47h}, "", 1, false},
        {"and again", {24h, 48h}, "", 2, false},
        {"a reload is kept to", {1h, 24h}, "www.example.org", 1, true},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        const store::TempDir dir;
        Logged logged;
        DailyReview review(withCertificate(dir, "mx.example.org"), base::Tick(), logged.log());
        if (*row.adopted != '\0') review.adopt(withCertificate(dir, row.adopted));
        for (const auto after : row.ticks)
            CHECK(review.tick({certificates::now + 20 * 24h + after, base::Tick(after)}));
        const auto text = logged.text();
        std::size_t told = 0;
        for (auto at = text.find("tls.certificates[1].chain"); at != text.npos;
             at = text.find("tls.certificates[1].chain", at + 1))
            ++told;
        CHECK(told == row.told);
        CHECK((text.find("no certificate is for") != text.npos) == row.isOther);
    }
}

}  // namespace postseal::app
