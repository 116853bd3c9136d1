#include "deliver/maildir.hpp"

#include "deliver/house_test.hpp"
#include "deliver/maildir_file.hpp"

#include <doctest/doctest.h>

#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

using namespace postseal;
using namespace postseal::deliver;
using namespace postseal::deliver::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

constexpr const char* nextHop = "maildir:example.org";

/// A server with Maildirs for bob, carol and dave of example.org.
struct Mailboxes {
    explicit Mailboxes(queue::RetrySettings retry = {}) : house({}, retry) {
        const auto domain = *base::DomainName::parse("example.org");
        auto directory = std::make_shared<directory::Directory>();
        fs::create_directory(folder / "mail");
        directory->domains.emplace(
            domain,
            directory::Domain{*directory::Maildirs::parse((folder / "mail/{domain}/{local}").string()),
                              *directory::Recipients::parse("bob\ncarol\ndave\n", domain),
                              {},
                              "+"});
        house.dispatchers->homeOf(nextHop).services().directory = directory;
    }
    fs::path box(const std::string& local) const { return folder / ("mail/example.org/" + local); }
    std::vector<fs::path> files(const std::string& local, const char* below = "new") const {
        std::vector<fs::path> found;
        std::error_code none;
        for (const auto& entry : fs::directory_iterator(box(local) / below, none))
            found.push_back(entry.path());
        return found;
    }
    static std::string read(const fs::path& file) {
        std::ifstream in(file, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }

    store::TempDir folder;
    House house;
};

unsigned modeOf(const fs::path& path) {
    struct stat found{};
    REQUIRE(::stat(path.c_str(), &found) == 0);
    return found.st_mode & 07777U;
}

directory::Maildirs::Place place(const store::TempDir& folder, const std::string& below = "bob") {
    return {folder.path().string(), below};
}

}  // namespace

TEST_CASE("maildir: a message stands in new/ with its trace fields, and its lines end as Unix wishes") {
    Mailboxes mail;
    mail.house.send(
        mail.house.message("a@example.com", {"bob@example.org", "Carol+news@example.org"}, nextHop));
    REQUIRE(mail.house.until([&] { return mail.house.balance().delivered == 2; }));
    REQUIRE(mail.files("bob").size() == 1);
    REQUIRE(mail.files("carol").size() == 1);
    CHECK(Mailboxes::read(mail.files("bob")[0]) == "Return-Path: <a@example.com>\n"
                                                   "Delivered-To: bob@example.org\n"
                                                   "Received: from a by b; today\n"
                                                   "Subject: hello\n\n.dot\n");
    CHECK(Mailboxes::read(mail.files("carol")[0]).find("Delivered-To: Carol+news@example.org\n") == 29);
    const auto file = mail.files("bob")[0];
    const auto name = file.filename().string();
    CHECK(name.ends_with(".mx.example.org,S=" + std::to_string(fs::file_size(file))));
    CHECK(modeOf(file) == 0600);
    for (const char* below : {"", "new", "tmp", "cur"})
        CHECK(modeOf(mail.box("bob") / below) == 0700);
    CHECK(mail.files("bob", "tmp").empty());
    CHECK(mail.house.listed().empty());
}

TEST_CASE("maildir: the hop is local, final, and recorded") {
    Mailboxes mail;
    const auto message = mail.house.message("", {"bob@example.org"}, nextHop);
    mail.house.send(message);
    REQUIRE(mail.house.until([&] { return mail.house.balance().delivered == 1; }));
    const auto hops = mail.house.hops(message.kept.id);
    REQUIRE(hops.size() == 1);
    CHECK(hops[0].local);
    CHECK(hops[0].result == record::HopResult::delivered);
    CHECK_FALSE(hops[0].assurance);
    CHECK(hops[0].peer.name == nextHop);
    CHECK(Mailboxes::read(mail.files("bob")[0]).starts_with("Return-Path: <>\n"));
}

TEST_CASE("maildir: each recipient has a fate of its own") {
    Mailboxes mail;
    fs::create_directories(mail.box("carol").parent_path());
    const auto elsewhere = mail.box("carol").parent_path().parent_path() / "elsewhere";
    fs::create_directory(elsewhere);
    fs::create_directory_symlink(elsewhere, mail.box("carol"));
    mail.house.send(mail.house.message(
        "a@example.com", {"bob@example.org", "carol@example.org", "gone@example.org"}, nextHop));
    REQUIRE(mail.house.until([&] { return mail.house.balance().returned == 1; }));
    CHECK(mail.house.balance().delivered == 1);
    CHECK(fs::is_empty(elsewhere));
    const auto waiting = mail.house.listed().at(0).recipients;
    REQUIRE(waiting.size() == 1);
    CHECK(waiting[0].address == "carol@example.org");
    CHECK(waiting[0].reason.find("example.org/carol as uid") != std::string::npos);
    CHECK(waiting[0].reason.ends_with("Too many levels of symbolic links"));
    CHECK_FALSE(fs::exists(mail.box("gone")));
}

TEST_CASE("maildir: who has been here already is in a loop") {
    Mailboxes mail;
    auto message = mail.house.message("", {"bob@example.org", "carol@example.org"}, nextHop);
    message.kept.body = queue::Body::inMemory("Subject: x\r\nDelivered-To: BOB@example.org\r\n\r\n"
                                              "Delivered-To: carol@example.org\r\n");
    mail.house.send(message);
    REQUIRE(mail.house.until([&] { return mail.house.balance().keptReports == 1; }));
    CHECK(mail.house.balance().delivered == 1);
    CHECK(mail.files("bob").empty());
    CHECK(mail.files("carol").size() == 1);
}

TEST_CASE("maildir: a folder of all mailboxes that is missing puts all off, and is not made") {
    Mailboxes mail(queue::RetrySettings{.first = 1s});
    fs::remove(mail.folder / "mail");
    const auto message = mail.house.message("a@example.com", {"bob@example.org"}, nextHop);
    mail.house.send(message);
    REQUIRE(mail.house.untilTried(message.kept.id));
    REQUIRE(mail.house.until([&] { return mail.house.listed().at(0).recipients.at(0).attempts > 0; }));
    CHECK(mail.house.listed()[0].recipients[0].reason.find("No such file or directory") != std::string::npos);
    fs::create_directory(mail.folder / "mail");
    CHECK(mail.house.until([&] { return mail.house.balance().delivered == 1; }));
}

TEST_CASE("maildir: a file is whole or not there, however its text is cut") {
    const std::string text = "A: b\r\n\r\nlone \r CR\r\nlone \n LF\r\n\r\r\n\r";
    const std::string want = "A: b\n\nlone \r CR\nlone \n LF\n\r\n\r";
    const store::TempDir folder;
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        INFO(cut);
        const auto name = std::to_string(cut);
        auto file = MaildirFile::create(place(folder), name);
        REQUIRE(file);
        CHECK(file->write(std::string_view(text).substr(0, cut)));
        CHECK(file->write(std::string_view(text).substr(cut)));
        CHECK(file->finish());
        CHECK(Mailboxes::read(folder / ("bob/new/" + name + ",S=" + std::to_string(want.size()))) == want);
    }
    {
        auto unfinished = MaildirFile::create(place(folder), "unfinished");
        REQUIRE(unfinished);
        CHECK(unfinished->write(text));
        CHECK(fs::exists(folder / "bob/tmp/unfinished"));
        CHECK_FALSE(MaildirFile::create(place(folder), "unfinished"));
    }
    CHECK_FALSE(fs::exists(folder / "bob/tmp/unfinished"));
}

TEST_CASE("maildir: neither links nor files in place of folders are followed") {
    const store::TempDir folder, elsewhere;
    fs::create_directory_symlink(elsewhere.path(), folder / "link");
    fs::create_directories(folder / "box/cur");
    fs::create_directory_symlink(elsewhere.path(), folder / "box/new");
    std::ofstream(folder / "file") << "x";
    struct Row {
        const char *below, *ends;
        int number;
    };
    const Row rows[] = {
        {"link", "symbolic links", ELOOP},        {"link/bob", "symbolic links", ELOOP},
        {"box", "symbolic links", ELOOP},         {"file", "Not a directory", ENOTDIR},
        {"file/bob", "Not a directory", ENOTDIR}, {"..", "cross-device link", EXDEV},
    };
    for (const auto& row : rows) {
        INFO(row.below);
        const auto made = MaildirFile::create(place(folder, row.below), "name");
        REQUIRE_FALSE(made);
        CHECK(made.error().number == row.number);
        CHECK(made.error().words.ends_with(row.ends));
        CHECK(made.error().of == MaildirFault::Of::mailbox);
    }
    CHECK(fs::is_empty(elsewhere.path()));
    fs::create_directory_symlink(folder.path(),
                                 elsewhere / "root");  // the administrator's own part may be one
    CHECK(MaildirFile::create({(elsewhere / "root").string(), "carol"}, "name"));
}
