// `postseal alliance export --postfix DIR`.
#include "cli/commands.hpp"
#include "cli/open_store.hpp"
#include "cli/postfix_tables.hpp"
#include "cli/write_file.hpp"
#include "discover/alliances.hpp"

#include <fmt/format.h>

#include <filesystem>

namespace postseal::cli {

int run(const AllianceExport& command) {
    const auto store = openStore(command.config);
    if (!store) return failWith(store.error());
    const auto rows = discover::alliances(*store->engine);
    if (!rows) return failWith(base::toText(rows.error()));
    const auto set = discover::allianceSetOf(*rows, {});
    if (!set) return failWith(set.error());
    std::error_code failed;
    std::filesystem::create_directories(command.folder, failed);
    const auto folder = std::filesystem::absolute(command.folder, failed);
    if (failed) return failWith(command.folder + ": " + failed.message());
    for (const auto& [name, text] : postfixTables(*set, folder.string())) {
        if (const auto written = writeText((folder / name).string(), text); !written)
            return failWith(written.error());
        print((folder / name).string());
    }
    return 0;
}

}  // namespace postseal::cli
