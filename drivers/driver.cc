#include "drivers/driver.h"

namespace pasig::drivers {
namespace {

tl::unexpected<CallFailure> lacks(const char* call) {
  return tl::unexpected(CallFailure{.problem = Problem::unsupported,
                                    .words = std::string("this driver has no ") + call,
                                    .hint = "choose a share type whose driver has it"});
}

}  // namespace

Answer<Created> Driver::create_share_from_snapshot(const ShareRef&, ReplicaId,
                                                   const SnapshotSource&, const CallContext&) {
  return lacks("create_share_from_snapshot");
}
Answer<SnapshotTaken> Driver::create_snapshot(const ShareRef&, SnapshotId, const CallContext&) {
  return lacks("create_snapshot");
}
Answer<SnapshotDeleted> Driver::delete_snapshot(const ShareRef&, SnapshotId, const CallContext&) {
  return lacks("delete_snapshot");
}
Answer<Reverted> Driver::revert(const ShareRef&, SnapshotId, const CallContext&) {
  return lacks("revert");
}
Answer<Resized> Driver::extend(const ShareRef&, std::uint64_t, const CallContext&) {
  return lacks("extend");
}
Answer<Resized> Driver::shrink(const ShareRef&, std::uint64_t, const CallContext&) {
  return lacks("shrink");
}
Answer<AccessApplied> Driver::update_access(const ShareRef&, const CallContext&) {
  return lacks("update_access");
}
Answer<Managed> Driver::manage(const ShareRef&, ReplicaId, const std::string&, const CallContext&) {
  return lacks("manage");
}
Answer<Unmanaged> Driver::unmanage(const ShareRef&, ReplicaId, const CallContext&) {
  return lacks("unmanage");
}
Answer<SnapshotTaken> Driver::manage_snapshot(const ShareRef&, SnapshotId, const std::string&,
                                              const CallContext&) {
  return lacks("manage_snapshot");
}
Answer<Unmanaged> Driver::unmanage_snapshot(const ShareRef&, SnapshotId, const CallContext&) {
  return lacks("unmanage_snapshot");
}
Answer<Scrubbed> Driver::scrub_replica(const ShareRef&, ReplicaId, const CallContext&) {
  return lacks("scrub_replica");
}
Answer<void> Driver::delete_aside(const ShareRef&, const Aside&, const CallContext&) {
  return lacks("delete_aside");
}
Answer<AsideRestored> Driver::restore_aside(const ShareRef&, const Aside&, const std::string&,
                                            const CallContext&) {
  return lacks("restore_aside");
}

}  // namespace pasig::drivers
