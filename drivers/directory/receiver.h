// Brings a frozen generation of the active replica to another one: rsync into staging, then
// the manifests decide, then it is published as a whole. Nothing is published that does not
// match, and nothing here is deleted because something else is absent. The caller holds the
// receiving replica. One thread per replica.
#pragma once

#include "drivers/directory/held_replica.h"

namespace pasig::drivers::directory {

struct Incoming {
  const Side& source;
  const Manifest& manifest;  // of the source's generation
  StoredRevert revert;       // the last one of the source's line
};

// mass_deletion, not_verified, or the copy that is now the newest here.
Answer<Copy> receive(const Call& call, HeldReplica& held, const Incoming& incoming);

}  // namespace pasig::drivers::directory
