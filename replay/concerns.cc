#include "replay/concerns.h"

#include <algorithm>
#include <string_view>
#include <type_traits>

namespace pasig::replay {
namespace {

constexpr std::size_t k_uuid_length = 36;

// Messages name the object of the refusal. One that names ids, but not this one, is about
// another replica or the share; the share's id does not count against it.
bool message_concerns(const CommandRejected& refused, const std::string& replica) {
  if (refused.message.find(replica) != std::string::npos) return true;
  for (std::size_t at = 0; at + k_uuid_length <= refused.message.size(); ++at) {
    const auto word = std::string_view(refused.message).substr(at, k_uuid_length);
    if (!parse_uuid(word)) continue;
    if (refused.subject.find(word) == std::string::npos) return false;
  }
  return true;
}

template <class E>
bool is_about(const E& event, ReplicaId replica, const OperationReplicas& operations) {
  if constexpr (std::is_same_v<E, ShareCreated>) {
    return true;  // the share's life is each of its replicas'
  } else if constexpr (std::is_same_v<E, ActiveReplicaChanged>) {
    return event.replica == replica || event.demoted == replica ||
           std::find(event.diverged.begin(), event.diverged.end(), replica) != event.diverged.end();
  } else if constexpr (requires { event.demoted; }) {
    return event.replica == replica || event.demoted == replica;
  } else if constexpr (requires { event.replica; }) {
    return event.replica == replica;
  } else if constexpr (std::is_same_v<E, CommandRejected>) {
    return message_concerns(event, to_string(replica));
  } else if constexpr (requires { event.operation; }) {
    const auto found = operations.find(event.operation);
    return found == operations.end() || found->second == replica;
  } else {
    return true;
  }
}

}  // namespace

void note_operations(OperationReplicas& operations, const Record& record) {
  for (const Event& event : record.events)
    if (const auto* asked = std::get_if<OperationRequested>(&event))
      operations[asked->operation] = asked->replica;
}

bool concerns(const Event& event, ReplicaId replica, const OperationReplicas& operations) {
  return std::visit([&](const auto& held) { return is_about(held, replica, operations); }, event);
}

bool concerns(const View& view, const Record& record, ReplicaId replica) {
  OperationReplicas operations;
  for (const Event& event : record.events)
    std::visit(
        [&](const auto& held) {
          if constexpr (requires { held.operation; }) {
            if (const auto known = view.operation(held.operation))
              operations[held.operation] = known->replica;
          }
        },
        event);
  note_operations(operations, record);
  return std::any_of(record.events.begin(), record.events.end(),
                     [&](const Event& event) { return concerns(event, replica, operations); });
}

}  // namespace pasig::replay
