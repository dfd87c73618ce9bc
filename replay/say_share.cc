// A share's size, its access rules and its adoption, in words.
#include "replay/say.h"

namespace pasig::replay {

Clauses say(const ShareResizeStarted& e, const Names&) {
  return {text("its size is to change from ", e.from_gb, " to ", e.to_gb, " GiB")};
}
Clauses say(const ShareResized& e, const Names& name) {
  return with({text("its size changed from ", e.from_gb, " to ", e.to_gb, " GiB")},
              said(e.outcomes, name));
}
Clauses say(const ShareResizeFailed& e, const Names&) {
  return {text("its size could not be changed from ", e.from_gb, " to ", e.to_gb,
               " GiB: ", said(e.failure))};
}
Clauses say(const ShareGrewOverItsSize& e, const Names& name) {
  return {text(bytes_of(e.used_bytes), " are stored on ", name(e.replica),
               ", more than the share's size, which is observed there and not enforced")};
}
Clauses say(const ShareCameWithinItsSize& e, const Names& name) {
  return {text(bytes_of(e.used_bytes), " are stored on ", name(e.replica),
               ", within the share's size again")};
}
Clauses say(const ShareTaskReset& e, const Names&) {
  return {text("an administrator reset the share from ", word(e.from), " to ",
               e.to == ShareTask::none ? std::string_view("available") : word(e.to))};
}
Clauses say(const AccessRuleAdded& e, const Names&) {
  return {
      text("access rule ", e.rule, " was added: ", e.type, " ", quoted(e.to), ", ", word(e.level))};
}
Clauses say(const AccessLevelChanged& e, const Names&) {
  return {text("access rule ", e.rule, " was changed to ", word(e.level))};
}
Clauses say(const AccessRuleRemovalStarted& e, const Names&) {
  return {text("access rule ", e.rule, " is to be taken away")};
}
Clauses say(const AccessRulesApplied& e, const Names& name) {
  Clauses all = {text("the access rules were applied on ", name(e.replica))};
  for (const AccessOutcome& one : e.outcomes)
    all.push_back(one.state == AccessState::active
                      ? text("rule ", one.rule, " holds there as ", word(one.level))
                      : text("rule ", one.rule, " does not hold there", because(one.words)));
  return all;
}
Clauses say(const AccessRuleRemoved& e, const Names&) {
  return {text("access rule ", e.rule, " is gone from every replica")};
}
Clauses say(const AccessUpdateFailed& e, const Names& name) {
  return {text("the access rules of ", name(e.replica), " could not be changed: ", said(e.failure)),
          "they are applied when it answers"};
}
Clauses say(const AccessMetadataChanged& e, const Names&) {
  return {text("the metadata of access rule ", e.rule, " was changed")};
}
Clauses say(const ShareManaged& e, const Names& name) {
  return {text("an existing tree became ", name(e.replica), ", active with epoch ", e.epoch),
          exports_text(e.exports),
          text(bytes_of(e.used_bytes), " are stored, so its size is ", e.size_gb, " GiB")};
}
Clauses say(const ShareManageFailed& e, const Names& name) {
  return {text("the existing tree could not become ", name(e.replica), ": ", said(e.failure))};
}
Clauses say(const ShareUnmanageStarted& e, const Names&) {
  return {text("share ", e.share, " is to be given back")};
}
Clauses say(const ShareUnmanaged& e, const Names&) {
  return {text("share ", e.share, " was given back; its tree lies at ", e.path)};
}
Clauses say(const ShareUnmanageFailed& e, const Names&) {
  return {text("share ", e.share, " could not be given back: ", said(e.failure))};
}

}  // namespace pasig::replay
