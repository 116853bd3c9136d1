#include "store/error.hpp"

namespace postseal::store {
namespace {

class Category : public std::error_category {
public:
    const char* name() const noexcept override { return "store"; }
    std::string message(int code) const override {
        switch (static_cast<Errc>(code)) {
        case Errc::conflict: return "refused by a guard or constraint";
        case Errc::full: return "disk full";
        case Errc::io: return "input/output error";
        case Errc::corrupt: return "database damaged";
        case Errc::busy: return "locked by another process";
        case Errc::owned: return "data directory in use by another server";
        case Errc::newer: return "written by a newer version";
        case Errc::closed: return "store is closed";
        case Errc::misuse: return "statement refused";
        }
        return "unknown store error";
    }
};

}  // namespace

const std::error_category& category() noexcept {
    static const Category instance;
    return instance;
}

}  // namespace postseal::store
