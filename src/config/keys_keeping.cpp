// [ledger], [store], [log]: what is kept of the mail, and told of it.
#include "config/keys.hpp"

namespace postseal::config {
namespace {

using namespace std::chrono_literals;

constexpr std::array<std::pair<std::string_view, int>, 1> sqliteOnly{{{"sqlite", 0}}};
constexpr std::array<std::pair<std::string_view, log::Form>, 2> forms{
    {{"postfix", log::Form::postfix}, {"json", log::Form::json}}};
constexpr std::array<std::pair<std::string_view, log::Target>, 2> targets{
    {{"stderr", log::Target::descriptor}, {"syslog", log::Target::syslog}}};
constexpr std::array<std::pair<std::string_view, log::Level>, 4> leasts{{{"debug", log::Level::debug},
                                                                         {"info", log::Level::info},
                                                                         {"warning", log::Level::warning},
                                                                         {"error", log::Level::error}}};

constexpr Key ledger[] = {
    {"detail", "\"30d\"", "How long the records of accepted messages are kept.",
     [](Draft& d, Item& i) { i.takeDuration(d.settings.ledger.detail, 1min); }},
    {"refused", "\"7d\"", "How long the records of refused messages are kept.",
     [](Draft& d, Item& i) { i.takeDuration(d.settings.ledger.refused, 1min); }},
};

constexpr Key store[] = {
    {"engine", "\"sqlite\"", "Only `sqlite` as yet.",
     [](Draft&, Item& i) {
         int engine = 0;
         i.takeWord(engine, sqliteOnly, {"postgresql"});
     }},
};

constexpr Key logging[] = {
    {"to", "\"stderr\"", "`stderr` (which systemd keeps in its journal) or `syslog`.",
     [](Draft& d, Item& i) { i.takeWord(d.settings.log.target, targets); }},
    {"format", "\"postfix\"",
     "`postfix`: lines in Postfix's shape, which `pflogsumm --syslog-name=postseal` and "
     "`packaging/fail2ban/postseal.conf` read; `json`: an object a line.",
     [](Draft& d, Item& i) { i.takeWord(d.settings.log.form, forms); }},
    {"level", "\"info\"", "The least that is logged: `debug`, `info`, `warning`, `error`.",
     [](Draft& d, Item& i) { i.takeWord(d.settings.log.least, leasts); }},
};

}  // namespace

std::span<const Key> ledgerKeys() {
    return ledger;
}
std::span<const Key> storeKeys() {
    return store;
}
std::span<const Key> logKeys() {
    return logging;
}

}  // namespace postseal::config
