#include "cli/alliance_arguments.hpp"

#include "base/time.hpp"
#include "cli/alliance_help.hpp"
#include "policy/alliance.hpp"

#include <CLI/CLI.hpp>

#include <utility>

namespace postseal::cli {
namespace {

using Made = base::Result<Command, std::string>;

Made wrong(std::string what) {
    return base::fail(std::move(what));
}

}  // namespace

AllianceArguments::AllianceArguments(CLI::App& program) {
    auto* alliance =
        program.add_subcommand("alliance", "Lists of domains that promise each other secure mail");
    alliance->footer(help::alliance);
    addMaking(*alliance);
    addJoining(*alliance);
    addSteering(*alliance);
}

void AllianceArguments::addMaking(CLI::App& alliance) {
    build_ = alliance.add_subcommand("build", "Propose a list from domains, by what their servers prove");
    build_->add_option("file", file_, "Domains, one a line; -: standard input")->type_name("FILE");
    build_->add_flag("--from-ledger", fromLedger_, "The domains to which this server sent mail");
    build_->add_option("--from-map", map_, "The entries of a Postfix TLS policy table")->type_name("FILE");
    build_->add_option("--root", root_, "Only who has certificates under these CAs")->type_name("FILE");
    build_->add_option("--name", name_, "The alliance's name")->type_name("NAME");
    build_->add_option("--valid", valid_, "How long the list holds")
        ->capture_default_str()
        ->type_name("TIME");
    build_->add_flag("--observe", observe_, "Members are only observed");
    build_->add_option("--output", output_, "Write it there instead of standard output")->type_name("FILE");
    build_->footer(help::allianceBuild);
    keygen_ = alliance.add_subcommand("keygen", "Make a key to sign lists with");
    keygen_->add_option("file", file_, "Where the private key goes")->required()->type_name("FILE");
    keygen_->footer(help::allianceKeygen);
    sign_ = alliance.add_subcommand("sign", "Sign a list");
    sign_->add_option("file", file_, "The list, or one that is signed already")
        ->required()
        ->type_name("FILE");
    sign_->add_option("--private-key", key_, "The key, in PEM")->required()->type_name("FILE");
    sign_->add_option("--output", output_, "Write it there instead of standard output")->type_name("FILE");
    sign_->footer(help::allianceSign);
}

void AllianceArguments::addJoining(CLI::App& alliance) {
    verify_ = alliance.add_subcommand("verify", "Is this list whole, and of that key?");
    verify_->add_option("file", file_, "A list, signed or not")->required()->type_name("FILE");
    verify_->add_option("--key", keys_, "The public key, in base64; several: any of them")
        ->type_name("BASE64");
    verify_->footer(help::allianceVerify);
    diff_ = alliance.add_subcommand("diff", "What a list changes");
    diff_->add_option("file", file_, "The older list, or the newer one alone")->required()->type_name("FILE");
    diff_->add_option("other", other_, "The newer list")->type_name("FILE");
    diff_->footer(help::allianceDiff);
    add_ = alliance.add_subcommand("add", "Join: hold to the list in both directions");
    add_->add_option("source", file_, "A file, or a URL at which newer lists are looked for")
        ->required()
        ->type_name("FILE|URL");
    add_->add_option("--key", key_, "The public key of who signs it, in base64")
        ->required()
        ->type_name("BASE64");
    add_->add_flag("--observe", observe_, "Enforce nothing: tell what enforcing would do");
    add_->add_flag("--yes", yes_, "Don't ask");
    add_->footer(help::allianceAdd);
}

void AllianceArguments::addSteering(CLI::App& alliance) {
    update_ = alliance.add_subcommand("update", "Look for newer lists now");
    update_->add_option("name", name_, "Only of this alliance")->type_name("NAME");
    update_->footer(help::allianceUpdate);
    list_ = alliance.add_subcommand("list", "What we joined, until when, and what it conflicts with");
    list_->footer(help::allianceList);
    promote_ = alliance.add_subcommand("promote", "Enforce what was only tested or observed here");
    promote_->add_option("name", name_, "The alliance's name")->required()->type_name("NAME");
    promote_->add_option("domains", domains_, "Only these members")->type_name("DOMAIN");
    promote_->add_option("--clean", clean_, "How long everything must have been well")
        ->capture_default_str()
        ->type_name("TIME");
    promote_->add_flag("--yes", yes_, "Whatever the records say");
    promote_->footer(help::alliancePromote);
    leave_ = alliance.add_subcommand("leave", "Hold to the list no longer");
    leave_->add_option("name", name_, "The alliance's name")->required()->type_name("NAME");
    leave_->footer(help::allianceLeave);
    export_ = alliance.add_subcommand("export", "Write the lists as tables of Postfix");
    export_->add_option("--postfix", output_, "The folder for the tables")->required()->type_name("DIR");
    export_->footer(help::allianceExport);
}

Made AllianceArguments::build(const std::string& config) const {
    using From = AllianceBuild::From;
    const auto given = (file_.empty() ? 0 : 1) + (fromLedger_ ? 1 : 0) + (map_.empty() ? 0 : 1);
    if (given != 1) return wrong("which domains? Give a file of them, --from-ledger, or --from-map");
    const auto name = name_.empty() ? std::string("alliance") : name_;
    if (!policy::isAllianceName(name))
        return wrong("--name '" + name + "': up to 40 letters, digits, '-', '_' and '.'");
    const auto valid = base::parseDuration(valid_);
    if (!valid || *valid < std::chrono::days(1))
        return wrong("--valid '" + valid_ + "': a time is like 90d or 1y");
    const auto from = fromLedger_ ? From::ledger : (map_.empty() ? From::file : From::map);
    return AllianceBuild{.config = config,
                         .from = from,
                         .source = from == From::map ? map_ : file_,
                         .root = root_,
                         .name = name,
                         .output = output_,
                         .valid = std::chrono::floor<std::chrono::days>(*valid),
                         .observes = observe_};
}

Made AllianceArguments::promote(const std::string& config) const {
    const auto clean = base::parseDuration(clean_);
    if (!clean) return wrong("--clean '" + clean_ + "': a time is like 30m, 4h or 14d");
    return AlliancePromote{config, name_, domains_, *clean, yes_};
}

std::optional<Made> AllianceArguments::commandOf(const CLI::App* leaf, const std::string& config,
                                                 Output output) const {
    if (leaf == build_) return build(config);
    if (leaf == keygen_) return Made(AllianceKeygen{file_});
    if (leaf == sign_) return Made(AllianceSign{file_, key_, output_});
    if (leaf == diff_)
        return Made(AllianceDiff{config, other_.empty() ? "" : file_, other_.empty() ? file_ : other_});
    if (leaf == update_) return Made(AllianceUpdate{config, name_});
    if (leaf == list_) return Made(AllianceList{config, output});
    if (leaf == promote_) return promote(config);
    if (leaf == leave_) return Made(AllianceLeave{config, name_});
    if (leaf == export_) return Made(AllianceExport{config, output_});
    if (leaf != verify_ && leaf != add_) return std::nullopt;

    std::vector<base::Bytes> keys;
    for (const auto& text : leaf == add_ ? std::vector{key_} : keys_) {
        auto key = policy::parseAllianceKey(text);
        if (!key) return wrong("--key: " + key.error());
        keys.push_back(std::move(*key));
    }
    if (leaf == verify_) return Made(AllianceVerify{file_, std::move(keys), output});
    return Made(AllianceAdd{config, file_, std::move(keys.front()), yes_, observe_});
}

}  // namespace postseal::cli
