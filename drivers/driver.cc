#include "drivers/driver.h"

namespace pasig::drivers {
namespace {

tl::unexpected<CallFailure> lacks(const char* call) {
  return tl::unexpected(CallFailure{.problem = Problem::unsupported,
                                    .words = std::string("this driver has no ") + call,
                                    .hint = "choose a share type whose driver has it"});
}

}  // namespace

Answer<Created> Driver::create_share_from_snapshot(const ShareRef&, ReplicaId, const std::string&,
                                                   const CallContext&) {
  return lacks("create_share_from_snapshot");
}
Answer<Copy> Driver::create_snapshot(const ShareRef&, const std::string&, const CallContext&) {
  return lacks("create_snapshot");
}
Answer<Removed> Driver::delete_snapshot(const ShareRef&, const std::string&, const CallContext&) {
  return lacks("delete_snapshot");
}
Answer<Copy> Driver::revert(const ShareRef&, const std::string&, const CallContext&) {
  return lacks("revert");
}
Answer<Created> Driver::extend(const ShareRef&, std::uint64_t, const CallContext&) {
  return lacks("extend");
}
Answer<Created> Driver::shrink(const ShareRef&, std::uint64_t, const CallContext&) {
  return lacks("shrink");
}
Answer<std::map<std::string, std::string>> Driver::update_access(const ShareRef&, ReplicaId,
                                                                 const AccessChange&,
                                                                 const CallContext&) {
  return lacks("update_access");
}
Answer<Created> Driver::manage(const ShareRef&, ReplicaId, const std::string&, const CallContext&) {
  return lacks("manage");
}
Answer<Removed> Driver::unmanage(const ShareRef&, ReplicaId, const CallContext&) {
  return lacks("unmanage");
}

}  // namespace pasig::drivers
