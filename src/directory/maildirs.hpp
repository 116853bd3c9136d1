// Where the Maildirs of a domain lie: `/var/mail/{domain}/{local}`. What a stranger writes into an address
// never names a place of his choice: {local} is canonical, and a name that is no plain file name has no
// place. Pure; any thread.
#pragma once

#include "base/domain_name.hpp"
#include "base/result.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace postseal::directory {

class Maildirs {
public:
    /// An absolute path with {local} in it; {domain} may stand there too. The error is for people.
    static base::Result<Maildirs, std::string> parse(std::string_view pattern);

    /// `root` is the administrator's: it exists, and may be a link. `below` is ours to make.
    struct Place {
        std::string root;   // /var/mail
        std::string below;  // example.org/bob

        bool operator==(const Place&) const = default;
    };
    /// nullopt: such a local part names no file. It is in lower case and without its subaddress.
    std::optional<Place> place(std::string_view local, const base::DomainName& domain) const;

    bool operator==(const Maildirs&) const = default;

private:
    std::string root_, below_;
};

}  // namespace postseal::directory
