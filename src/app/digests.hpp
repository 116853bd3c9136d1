// Once a day, where `[inbound] digest` asks for it: a letter into each recipient's mailbox about who wrote to
// him without protection on the day before (mail/digest). Never to outside: who has an alias or a forwarding
// that leads there gets none. What was written is kept with the letter, so that a restart makes none twice.
#pragma once

#include "app/delivery.hpp"
#include "app/resident.hpp"
#include "ledger/refused.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace postseal::app {

class Digests final : public Resident {
public:
    static constexpr std::size_t lettersAtOnce = 50;  // in a tick

    Digests(const Ground& ground, const std::shared_ptr<const Loaded>& loaded, Delivery& delivery);

    Done tick(const Now& now) override;
    void adopt(const std::shared_ptr<const Loaded>& loaded) override { loaded_ = loaded; }
    std::vector<std::string> needsRestart(const config::Settings&, const config::Settings&) const override {
        return {};
    }

private:
    using Letters = std::map<std::string, std::vector<ledger::RefusedTo>>;  // by the address of the mailbox

    base::Result<Letters> lettersOf(std::chrono::sys_days day) const;
    std::optional<std::string> mailboxOf(const std::string& recipient, base::Timestamp now) const;
    base::Result<void> write(const std::string& mailbox, const std::vector<ledger::RefusedTo>& about,
                             std::chrono::sys_days day, base::Timestamp now);

    store::Writer& writer_;
    store::Readers& readers_;
    log::Log log_;
    Delivery& delivery_;
    std::shared_ptr<const Loaded> loaded_;
    std::chrono::sys_days written_{};  // all letters about this day are
};

}  // namespace postseal::app
