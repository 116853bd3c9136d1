#include "app/schemas.hpp"

#include "companion/questions.hpp"
#include "discover/alliance_store.hpp"
#include "discover/dane_history.hpp"
#include "discover/exceptions.hpp"
#include "discover/memory_store.hpp"
#include "discover/mta_sts_store.hpp"
#include "ledger/refused.hpp"
#include "ledger/write.hpp"
#include "queue/spool.hpp"

namespace postseal::app {

std::vector<store::Schema> schemas() {
    return {queue::schema,
            ledger::schema,
            ledger::refusedSchema,
            discover::memorySchema,
            discover::exceptionsSchema,
            discover::alliancesSchema,
            discover::stsSchema,
            discover::daneHistorySchema,
            companion::questionsSchema};
}

}  // namespace postseal::app
