// What --help says below the options: when a command is of use, and examples that can be copied.
#pragma once

namespace postseal::cli::help {

inline constexpr const char* program =
    R"(Every command takes --config FILE and, where it prints data, --json.
Exit status: 0 fine, 1 the answer is no, 2 usage or configuration error.

Examples:
  postseal serve --check                       is the configuration right?
  postseal serve --config ./postseal.toml      run in the foreground
  postseal trace 00dT6QSJ8hw0007               how was this message protected, hop by hop?
  postseal trace '<42@example.org>' --json     the same by Message-ID, for programs
  postseal trace --to bob@example.org          which of my messages reached him, and how?
  postseal report traffic --since 30d          how much mail was sealed, encrypted, in clear text?
  postseal check example.org --connect         what is promised for mail to this domain?
  postseal queue destinations                  what waits for whom, and why
  postseal queue retry --next-hop example.org  try it now
  postseal policy memory list --fallen         whose mail is less protected than it was?

'postseal COMMAND --help' tells more.)";

inline constexpr const char* serve =
    R"(Binds the listeners, then receives, queues and delivers until SIGTERM. SIGHUP reads configuration,
certificates and maps again; what is wrong is refused with its reason, and the old stays in force.

Examples:
  postseal serve                               with /etc/postseal/postseal.toml
  postseal serve --check                       read everything, start nothing; status 2 and the place of
                                               the error if something is wrong)";

inline constexpr const char* check =
    R"(Looks the destination up by the code that delivers, under this configuration, and says what is promised for
mail to it: enforced, or not sent. What a handshake shows (--connect) is told beside it, apart. It works while
the server runs and while it doesn't, and sends no mail. Status 0: sealed or encrypted, and promised; 1: not.

Examples:
  postseal check partner.example               what is promised, by whom, for which server?
  postseal check partner.example --connect     and do its servers keep to it just now?
  postseal check bob@partner.example --json    for programs
  postseal check --all-from domains --csv      the whole address book, for a spreadsheet
  postseal check partner.example --inbound     what must its mail prove that comes in?
  postseal check partner.example --client 192.0.2.7,mail.partner.example
                                               and is it taken from there?)";

inline constexpr const char* queue =
    R"(The queue can be asked and steered while the server runs and while it doesn't.

Examples:
  postseal queue destinations                  begin here: what waits for whom, since when, and why
  postseal queue list --next-hop example.org   the messages that wait for one of them
  postseal queue retry --next-hop example.org  it is well again: try now, not in two hours
  postseal queue hold --sender bob@example.com keep a flood back while you look at it
  postseal queue delete 00dT6QSJ8hw0007        take a message out; nobody is told
  postseal queue balance                       accepted = delivered + returned + queued + held + deleted +
                                               discarded, per recipient; status 1 if they differ)";

inline constexpr const char* list =
    R"(Prints messages, oldest first, and for each recipient when and why it waits. With filters: the recipients
for which all of them hold, which are those that retry, hold, release and delete would take.
A FILTER by address is an address, a whole domain (@example.org or example.org, without those below it) or
'<>', the sender of bounces. --reason looks for words of what is shown as the reason, in any case.

Examples:
  postseal queue list --held
  postseal queue list --recipient example.org --reason 'timed out'
  postseal queue list --older-than 2d --limit 100)";

inline constexpr const char* show =
    R"(Status 1: it is not in the queue; 'postseal trace ID' tells what became of it.

Examples:
  postseal queue show 00dT6QSJ8hw0007
  postseal queue show '<42@example.org>' --json)";

inline constexpr const char* balance =
    R"(Counted per recipient since the store began; our own bounces are among the accepted. What was accepted was
delivered, returned, deleted or discarded, or is still queued or held. Status 1: there is a difference, which
is a fault of Postseal's.)";

inline constexpr const char* destinations =
    R"(One line for each next hop, the longest queue first: how many recipients wait, since when the oldest does,
when the next is tried, and the reason that most of them have.

Examples:
  postseal queue destinations
  postseal queue destinations --json)";

// Of retry, hold, release and delete; the first word of each is put before it.
inline constexpr const char* selection =
    R"(Name messages by queue id or Message-ID, or recipients by filters; all that is given must hold. Everything
must be asked for by --all. A filter by address is an address, a whole domain (@example.org or example.org,
without those below it) or '<>', the sender of bounces. --next-hop is what 'postseal queue destinations' shows;
--reason looks for words of the reason, in any case; --older-than counts from the arrival: 90s, 30m, 4h, 2d.
What is in delivery at that moment is left alone, and named. Status 1: nothing was done, or not all of it.
)";

inline constexpr const char* retry =
    R"(Those that wait are due now, and a destination that rests after it failed is tried at once. What is held
stays held.

Examples:
  postseal queue retry --next-hop example.org
  postseal queue retry --reason 'Connection refused' --dry-run
  postseal queue retry --all)";

inline constexpr const char* hold =
    R"(They wait until 'postseal queue release', and don't expire meanwhile.

Examples:
  postseal queue hold --sender bob@example.com
  postseal queue hold 00dT6QSJ8hw0007)";

inline constexpr const char* release =
    R"(What was held is due now.

Examples:
  postseal queue release --sender bob@example.com
  postseal queue release --all)";

inline constexpr const char* remove =
    R"(Takes them out of the queue, whether they wait or are held. It can't be undone, and neither sender nor
recipient is told; 'postseal trace' still does. On a terminal it asks, but for messages that you name; --yes
says yes beforehand. Without a terminal, --all needs --yes.

Examples:
  postseal queue delete --sender '<>' --recipient nobody@example.org --dry-run
  postseal queue delete 00dT6QSJ8hw0007 00dT6QSJ8j10008)";

}  // namespace postseal::cli::help
