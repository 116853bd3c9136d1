// [alliances]: the lists that `postseal alliance add` joins.
#include "config/keys.hpp"

namespace postseal::config {
namespace {

using namespace std::chrono_literals;

constexpr std::array<std::pair<std::string_view, policy::AfterEnd>, 2> afterEnds{
    {{"stay", policy::AfterEnd::stay}, {"wait", policy::AfterEnd::wait}}};

constexpr Key alliances[] = {
    {"after_end", "\"stay\"",
     "What becomes of a list that has ended and was not renewed: its demands `stay` as they were, or mail to "
     "its members has to `wait`. They never fall. See [Found an alliance](alliances.md).",
     [](Draft& d, Item& i) { i.takeWord(d.settings.alliances.afterEnd, afterEnds); }},
    {"tafiles", "",
     "A folder in which the server keeps the trust anchors of the lists as files, for a Postfix that asks by "
     "socketmap "
     "and can read them. Without it such a Postfix is told to wait where a list has anchors of its own.",
     [](Draft& d, Item& i) { d.settings.alliances.tafiles = i.path(); }},
    {"update", "\"1d\"", "How often a list that came from a URL is looked for there.",
     [](Draft& d, Item& i) { i.takeDuration(d.settings.alliances.update, 1min); }},
    {"warn", "\"30d\"", "How long before a list ends the log warns of it, once a day.",
     [](Draft& d, Item& i) { i.takeDuration(d.settings.alliances.warn, 0s); }},
};

}  // namespace

std::span<const Key> allianceKeys() {
    return alliances;
}

}  // namespace postseal::config
