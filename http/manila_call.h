// One call of Manila's API after negotiation, and what all its handlers share: route tables with
// microversions, policy, paging, links. Plain values and functions; any thread.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/json_body.h"
#include "http/microversion.h"
#include "http/router.h"
#include "http/service_context.h"

namespace pasig::http {

struct Call {
  const ServiceContext& service;
  const Request& request;
  Actor caller;
  Negotiated negotiated;

  [[nodiscard]] bool at_least(std::uint32_t minor) const {
    return negotiated.version >= Microversion{2, minor};
  }
  [[nodiscard]] bool owns(const Share& share) const {
    return caller.admin || share.project == caller.project;
  }
};

using CallHandler = Answer (*)(const Call&);

struct CallRoute {
  std::string_view method;
  std::string_view pattern;
  CallHandler handler = nullptr;
  std::uint32_t since = 0;  // minor versions, both ends included
  std::uint32_t until = k_microversion_max.minor;
  std::uint32_t experimental_below = 0;  // below it only for clients that ask for experiments
};

// Each with negotiation, version headers and 404 outside its versions. A method and pattern may
// come in several routes with different versions.
void add_call_routes(Router& router, const ServiceContext& service,
                     const std::vector<CallRoute>& routes);

// 403 in Manila's words unless the caller is an admin.
[[nodiscard]] Checked<void> require_admin(const Call& call, std::string_view rule);
[[nodiscard]] tl::unexpected<Response> not_found();  // Manila's general 404

[[nodiscard]] Checked<std::unique_ptr<View>> open_view(const Call& call);
// The share if the caller may change it (own) or see it (own or public).
[[nodiscard]] std::optional<Share> own_share(const Call& call, const View& view,
                                             std::string_view id);
[[nodiscard]] std::optional<Share> visible_share(const Call& call, const View& view,
                                                 std::string_view id);
// A replica of a replicated share that the caller may see; instances that are no replicas (state
// none, or a share without replication) are not found.
struct FoundReplica {
  Share share;
  Replica replica;
};
[[nodiscard]] std::optional<FoundReplica> visible_replica(const Call& call, const View& view,
                                                          std::string_view id);
[[nodiscard]] bool is_replica(const Share& share, const Replica& replica);

[[nodiscard]] Response answer_as_of(const View& view, const boost::json::object& body,
                                    int status = 200);
[[nodiscard]] Response after(const CommandOutcome& outcome, Response response);

// The one action that a body asks for: {"<name>": value}. 400 in Manila's words for none or
// several.
struct Action {
  std::string name;
  boost::json::object body;  // as parsed; the value is body.at(name)
  [[nodiscard]] const boost::json::value& value() const { return body.at(name); }
};
[[nodiscard]] Checked<Action> parse_action(const Call& call);
[[nodiscard]] tl::unexpected<Response> no_such_action(const Action& action);
// The text field of an action's object: {"reset_status": {"status": "error"}}; 400 without it.
[[nodiscard]] Checked<std::string> action_word(const Action& action, std::string_view field);

// The object under this key of the body; 422 when there is none, as Manila does.
[[nodiscard]] Checked<boost::json::object> body_object(const Call& call, std::string_view key);

struct Page {
  std::size_t offset = 0;
  std::size_t limit = 0;  // rows of this answer, at most
  bool limit_was_given = false;
};
[[nodiscard]] Checked<Page> parse_page(const Call& call);
// How many rows of `total` lie on the page, and where they begin.
[[nodiscard]] std::size_t rows_on(const Page& page, std::size_t total);

// http://host: where the client reached us.
[[nodiscard]] std::string root_url(const Request& request);
// Manila's links of an object: self with the version, bookmark without.
[[nodiscard]] boost::json::array object_links(const Request& request, std::string_view collection,
                                              std::string_view id);
// [{"rel":"next","href":…}] behind a full page; nothing otherwise.
[[nodiscard]] std::optional<boost::json::array> next_links(const Request& request, const Page& page,
                                                           std::size_t rows,
                                                           std::string_view last_id);

// A zone's id for clients that want one (stable: made of the name), and the zone that a text
// means: a name, or such an id. Unknown text is given back as it is, for decide to refuse.
[[nodiscard]] std::string zone_id(std::string_view name);
[[nodiscard]] std::string zone_named(const ServiceContext& service, std::string_view text);

// "yes", "True", "1" … as Manila reads flags in a query; nothing when it is not sent.
[[nodiscard]] Checked<std::optional<bool>> query_flag(const Request& request,
                                                      std::string_view name);

}  // namespace pasig::http
