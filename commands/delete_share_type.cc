// A share type goes when no share has it; its name is free afterwards.
#include "commands/guards.h"
#include "commands/usage.h"

namespace pasig {

Decision decide(ReadView& view, const Surroundings& now, const DeleteShareType& command) {
  PASIG_CHECK(require_admin(now.actor, "delete share types", stream_of(command.type)));
  const ShareType* type = view.share_type(command.type);
  if (type == nullptr)
    return refuse(Guard::type_not_found, "Share type " + to_string(command.type) +
                                             " could not be found. See which there are: "
                                             "pasig type list");
  if (!view.within(type_counter(command.type), 0))
    return refuse(Guard::type_in_use,
                  "share type " + type->name + " (" + to_string(command.type) +
                      ") is used by shares; delete them first: pasig share list",
                  stream_of(command.type));
  view.expect(type_name_stream(type->name));
  return Events{ShareTypeDeleted{command.type, type->name}};
}

}  // namespace pasig
