#include "cli/foreign_words.hpp"

#include <algorithm>
#include <iterator>

namespace postseal::cli {
namespace {

struct Word {
    std::string_view theirs, ours;
};

constexpr std::string_view list = "postseal queue list";
constexpr std::string_view check = "postseal serve --check";

constexpr Word words[] = {
    {"bounce", "postseal queue delete"},
    {"cat", "postseal queue show ID"},
    {"conf", check},
    {"config", check},
    {"configtest", check},
    {"deliver", "postseal queue retry"},
    {"enable", "systemctl enable --now postseal"},
    {"finger", "postseal check DOMAIN --connect"},
    {"flush", "postseal queue retry --all"},
    {"help", "postseal --help"},
    {"journal", "journalctl -u postseal"},
    {"log", "journalctl -u postseal"},
    {"logs", "journalctl -u postseal"},
    {"ls", list},
    {"mailq", list},
    {"postcat", "postseal queue show ID"},
    {"postconf", check},
    {"postqueue", list},
    {"postsuper", "postseal queue hold, release or delete"},
    {"posttls-finger", "postseal check DOMAIN --connect"},
    {"ps", "postseal queue destinations"},
    {"qshape", "postseal queue destinations"},
    {"reload", "systemctl reload postseal"},
    {"requeue", "postseal queue retry"},
    {"restart", "systemctl restart postseal"},
    {"rm", "postseal queue delete"},
    {"run", "postseal serve"},
    {"show", "postseal queue show ID"},
    {"start", "systemctl start postseal"},
    {"status", "postseal queue destinations"},
    {"stop", "systemctl stop postseal"},
    {"test", check},
    {"version", "postseal --version"},
    {"verify", "postseal check DOMAIN --connect"},
};

}  // namespace

std::string_view commandMeantBy(std::string_view word) {
    const auto* const found = std::ranges::find(words, word, &Word::theirs);
    return found == std::end(words) ? std::string_view() : found->ours;
}

}  // namespace postseal::cli
