#include "cli/policy_arguments.hpp"

#include "base/domain_name.hpp"
#include "cli/ledger_arguments.hpp"
#include "cli/policy_help.hpp"

#include <CLI/CLI.hpp>

#include <utility>

namespace postseal::cli {

PolicyArguments::PolicyArguments(CLI::App& program) {
    auto* policy =
        program.add_subcommand("policy", "Exceptions, what is remembered, what to write into the map");
    policy->footer(help::policy);
    addExceptions(*policy);
    addMemory(*policy);
    suggest_ = policy->add_subcommand("suggest", "Map entries for domains that have long been authenticated");
    suggest_->footer(help::suggest);
    addTry(*policy);
}

void PolicyArguments::addTry(CLI::App& policy) {
    try_ = policy.add_subcommand("try", "What another default level would have held back");
    try_->add_option("level", level_, "encrypt, dane-only, verify, secure or sealed")
        ->required()
        ->type_name("LEVEL");
    try_->add_option("--since", since_, "Of the mail since a day, or so long ago; default: all that is kept")
        ->type_name("TIME");
    try_->add_option("--limit", limit_, "At most so many domains")
        ->capture_default_str()
        ->type_name("N")
        ->check(CLI::PositiveNumber);
    try_->footer(help::tryLevel);
}

void PolicyArguments::addExceptions(CLI::App& policy) {
    except_ = policy.add_subcommand("except", "Another level for a domain, until a day and for a reason");
    except_->add_option("domain", words_.domain, "The recipients' domain")->required()->type_name("DOMAIN");
    except_->add_option("--level", words_.level, "none, may, encrypt, verify or secure")->type_name("LEVEL");
    except_
        ->add_option("--requiretls", words_.requireTls,
                     "enforce, opportunistic+starttls, opportunistic or disable")
        ->type_name("MODE");
    except_->add_option("--until", words_.until, "The day (or time) at which it ends")->type_name("DATE");
    except_->add_option("--reason", words_.reason, "Why: it stands in every record")->type_name("WORDS");
    except_->add_flag("--end", isEnd_, "End the domain's exception now");
    except_->footer(help::except);
    exceptions_ =
        policy.add_subcommand("exceptions", "The exceptions that hold, and those that ended lately");
    exceptions_->footer(help::exceptions);
}

void PolicyArguments::addMemory(CLI::App& policy) {
    auto* memory = policy.add_subcommand("memory", "What is remembered of each domain");
    memory->footer(help::memory);
    list_ = memory->add_subcommand("list", "How mail to each domain was protected so far");
    list_->add_option("domain", domain_, "Only this one")->type_name("DOMAIN");
    list_->add_flag("--fallen", isFallen_, "Only those that have become less than what is remembered");
    list_->footer(help::memoryList);
    const auto addChange = [&](const char* name, const char* what, const char* examples) {
        auto* command = memory->add_subcommand(name, what);
        command->add_option("domain", domain_, "The recipients' domain")->required()->type_name("DOMAIN");
        command->add_option("--reason", reason_, "Why")->type_name("WORDS");
        command->footer(examples);
        return command;
    };
    accept_ = addChange("accept", "Take what a domain has now for good", help::memoryAccept);
    forget_ = addChange("forget", "Begin anew with a domain", help::memoryForget);
}

base::Result<Command, std::string> PolicyArguments::tried(const std::string& config, Output output) const {
    auto level = parseTriedLevel(level_);
    if (!level) return base::fail(level.error());
    const auto since = parseSince(since_);
    if (!since) return base::fail(since.error());
    return PolicyTry{config, output, std::move(*level), *since, limit_};
}

std::optional<base::Result<Command, std::string>>
PolicyArguments::commandOf(const CLI::App* leaf, const std::string& config, Output output) const {
    using Made = base::Result<Command, std::string>;
    const auto wrong = [](std::string what) { return Made(base::fail(std::move(what))); };
    if (leaf == exceptions_) return Made(PolicyExceptions{config, output});
    if (leaf == suggest_) return Made(PolicySuggest{config, output});
    if (leaf == try_) return tried(config, output);
    if (leaf == except_ && isEnd_) {
        if (!words_.level.empty() || !words_.requireTls.empty() || !words_.until.empty())
            return wrong("--end ends the exception of that domain; give nothing else beside it");
        return Made(PolicyExcept{config, output, words_, PolicyExcept::What::end});
    }
    if (leaf == except_) return Made(PolicyExcept{config, output, words_, PolicyExcept::What::begin});
    if (leaf == list_ && domain_.empty()) return Made(PolicyMemoryList{config, output, {}, isFallen_});
    if (leaf != list_ && leaf != accept_ && leaf != forget_) return std::nullopt;

    const auto domain = base::DomainName::parse(domain_);
    if (!domain) return wrong("'" + domain_ + "' is no domain: " + domain.error());
    if (leaf == list_) return Made(PolicyMemoryList{config, output, domain->text(), isFallen_});
    const auto what = leaf == accept_ ? PolicyMemoryChange::What::accept : PolicyMemoryChange::What::forget;
    if (leaf == accept_ && reason_.empty())
        return wrong("why? Give --reason \"...\": it is kept with your name");
    return Made(PolicyMemoryChange{config, output, what, domain->text(), reason_});
}

}  // namespace postseal::cli
