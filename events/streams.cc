// Which streams an event belongs to, and what streams are called. Pure; any thread.
#include "events/record.h"

namespace pasig {
namespace {

// Orders about a controller; other events only say where something lies.
template <class E>
constexpr bool k_is_order =
    std::is_same_v<E, EffectsPaused> || std::is_same_v<E, EffectsResumed> ||
    std::is_same_v<E, ControllerDrainStarted> || std::is_same_v<E, ControllerDrainEnded> ||
    std::is_same_v<E, ControllerRetired> || std::is_same_v<E, ControllerReinstated>;

template <class E>
std::vector<std::string> streams_of_fields(const E& event) {
  std::vector<std::string> streams;
  if constexpr (k_is_order<E>) streams.push_back(controller_stream(event.controller));
  if constexpr (requires { event.share; }) streams.push_back(stream_of(event.share));
  if constexpr (requires { event.operation; }) {
    // A contradicted report names an operation but belongs to the share alone.
    if constexpr (!std::is_same_v<E, ReportContradictedState>)
      streams.push_back(stream_of(event.operation));
  }
  return streams;
}

std::vector<std::string> streams_of_fields(const LogCreated&) { return {}; }
std::vector<std::string> streams_of_fields(const CommandRejected&) { return {}; }
std::vector<std::string> streams_of_fields(const RefusalsSuppressed&) { return {}; }
std::vector<std::string> streams_of_fields(const ShareTypeCreated& event) {
  return {stream_of(event.type), type_name_stream(event.name)};
}
std::vector<std::string> streams_of_fields(const ShareTypeDeleted& event) {
  return {stream_of(event.type), type_name_stream(event.name)};
}
std::vector<std::string> streams_of_fields(const ShareCreated& event) {
  return {stream_of(event.share)};
}

}  // namespace

std::string stream_of(ShareId id) { return "share-" + to_string(id); }
std::string stream_of(OperationId id) { return "operation-" + to_string(id); }
std::string stream_of(ShareTypeId id) { return "type-" + to_string(id); }
std::string type_name_stream(std::string_view name) { return "type-name-" + std::string(name); }
std::string controller_stream(std::string_view name) {
  return name.empty() ? "controllers" : "controller-" + std::string(name);
}

std::vector<std::string> streams_of(const Event& event) {
  return std::visit([](const auto& held) { return streams_of_fields(held); }, event);
}

}  // namespace pasig
