// The share's size as a limit on the replica's live tree, where the file system has project quota
// (Abilities::limits); elsewhere nothing happens here. Every live tree has a project of its own, so
// that neither frozen trees nor one that was kept aside count against it. The caller holds the
// replica. One thread per replica.
#pragma once

#include <string>

#include "drivers/directory/held_replica.h"

namespace pasig::drivers::directory {

// For a tree that is to become the live one, while it is empty: what is made in it counts. Nothing
// limits it yet.
Answer<void> enter_project(const Call& call, HeldReplica& held, const std::string& tree);

// The live tree, or the one that is prepared, may take the share's size and no more. Finds what is
// missing of that, whoever made the tree: true when there was something.
Answer<bool> apply_size(const Call& call, HeldReplica& held);
Answer<bool> apply_size(const Call& call, HeldReplica& held, std::uint64_t size_gb);

// What the live tree takes by the file system's own count; none: it is not counted there.
Answer<std::optional<std::uint64_t>> counted_bytes(const HeldReplica& held);

// Before the replica's record goes.
Answer<void> release_projects(HeldReplica& held);

}  // namespace pasig::drivers::directory
