// What becomes of the demands of an alliance's list once it has ended and no newer one came. They never fall.
#pragma once

namespace postseal::policy {

enum class AfterEnd {
    stay,  // they hold as before
    wait,  // mail to its members waits
};

}  // namespace postseal::policy
