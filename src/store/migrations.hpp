// Schema versions. Each room that keeps tables declares its schema as a list of steps, oldest first; a step
// is never changed once released, only followed by another. All rooms migrate in one transaction: after a
// crash or an error the store is as it was. Writer's thread, before it serves.
#pragma once

#include "store/engine.hpp"

#include <span>
#include <string_view>
#include <vector>

namespace postseal::store {

struct Schema {
    std::string_view room;
    std::span<const std::string_view> steps;  // SQL scripts; version n is reached after n steps
};

/// Errors: Errc::newer where the store has a version that this program doesn't know, io, full.
base::Result<void> migrate(Engine& engine, std::span<const Schema> schemas);

}  // namespace postseal::store
