#include "app/check_list.hpp"
#include "base/ascii.hpp"
#include "base/text_file.hpp"
#include "check/json.hpp"
#include "cli/check_text.hpp"
#include "cli/commands.hpp"
#include "cli/open_store.hpp"

#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <utility>

namespace postseal::cli {
namespace {

constexpr std::size_t mostDomains = 1'000'000;

std::vector<std::string> readList(std::istream& in) {
    std::vector<std::string> list;
    for (std::string line; list.size() < mostDomains && std::getline(in, line);) {
        const auto text = base::trim(list.empty() ? base::withoutByteOrderMark(line) : line);
        if (!text.empty() && !text.starts_with('#')) list.emplace_back(text);
    }
    return list;
}

base::Result<std::vector<std::string>, std::string> listOf(const Check& command) {
    if (command.allFrom.empty()) return std::vector{command.target};
    if (command.allFrom == "-") return readList(std::cin);
    std::ifstream file(command.allFrom);
    if (!file) return base::fail(command.allFrom + " can't be read");
    return readList(file);
}

/// Below the results on a terminal; away before the next of them is printed.
class Progress {
public:
    explicit Progress(std::size_t all) : all_(all), shown_(all > 1 && ::isatty(STDERR_FILENO) == 1) {}

    void show() const {
        if (shown_ && done_ < all_) std::fprintf(stderr, "\r%s", progressBar(done_, all_).c_str());
    }
    void hide() {
        ++done_;
        if (shown_) std::fputs("\r\033[K", stderr);
    }

private:
    std::size_t all_, done_ = 0;
    bool shown_;
};

/// One result after the other, so that a long list needs no memory.
class Printer {
public:
    explicit Printer(const Check& command) : form_(command.form), isList_(!command.allFrom.empty()) {
        if (!isList_) return;
        if (form_ == Check::Form::json) put("[");
        if (form_ == Check::Form::csv) put(csvHead());
        if (form_ == Check::Form::people) put(tableHead());
    }

    void print(const check::Checked& checked) {
        switch (form_) {
        case Check::Form::json: put((count_ > 0 ? ",\n" : "") + check::toJson(checked)); break;
        case Check::Form::csv: put(csvRow(checked)); break;
        case Check::Form::people: put(isList_ ? tableRow(checked) : forPeople(checked)); break;
        }
        ++count_;
    }
    void end() const {
        if (form_ == Check::Form::json) put(isList_ ? "]\n" : "\n");
    }

private:
    static void put(const std::string& text) {
        std::fputs(text.c_str(), stdout);
        std::fflush(stdout);
    }

    Check::Form form_;
    bool isList_;
    std::size_t count_ = 0;
};

}  // namespace

int run(const Check& command) {
    const auto list = listOf(command);
    if (!list) return failWith(list.error());
    auto checks = app::CheckList::make(command.config);
    if (!checks) return failWith(checks.error());
    if (const auto& warning = (*checks)->warning(); !warning.empty())
        std::fprintf(stderr, "postseal: warning: %s", warning.c_str());

    bool isAllFine = true;
    Printer printer(command);
    Progress progress(list->size());
    const auto take = [&](const check::Checked& checked) {
        isAllFine = isAllFine && check::isFine(checked);
        progress.hide();
        printer.print(checked);
        progress.show();
    };
    progress.show();
    const check::CheckSettings settings{
        .handshakes = command.connects ? check::Handshakes::yes : check::Handshakes::no,
        .kind = command.from == "<>" ? policy::MailKind::report : policy::MailKind::message};
    (*checks)->check(*list, settings, take);
    printer.end();
    return isAllFine ? 0 : 1;
}

}  // namespace postseal::cli
