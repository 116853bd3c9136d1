// Delivers a lease of a domain of ours into its recipients' Maildirs, each on its own: Return-Path and
// Delivered-To first, then our Received, then the text. Who has been here already is in a loop; who is no
// recipient any more returns; all else that hinders is tried again.
#pragma once

#include "deliver/outcome.hpp"
#include "deliver/services.hpp"
#include "queue/spool.hpp"
#include "task/awaitable.hpp"

namespace postseal::deliver {

/// The lease's route is a record::Maildir.
task::Awaitable<Outcome> deliverToMaildirs(DeliveryServices& services, const queue::Lease& lease);

}  // namespace postseal::deliver
