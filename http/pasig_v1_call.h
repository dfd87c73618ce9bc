// One request to /pasig/v1 and what all its handlers share: who asks and what they may see,
// names and ids, paging, answers and errors in this API's form. Plain functions; any thread.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/json_body.h"
#include "http/router.h"
#include "http/service_context.h"

namespace pasig::http::v1 {

class VerifyJobs;

// A request with a view of one moment, as of which it is answered.
struct Call {
  const ServiceContext& service;
  VerifyJobs& jobs;
  const Request& request;
  Actor caller;
  std::unique_ptr<View> view;

  // Shares of other projects that are not public do not exist for callers without rights.
  [[nodiscard]] bool sees(const Share& share) const {
    return caller.admin || share.is_public || share.project == caller.project;
  }
  [[nodiscard]] bool owns(const Share& share) const {
    return caller.admin || share.project == caller.project;
  }
};

using CallHandler = Answer (*)(const Call&);

struct Problem {
  int status = 400;
  std::string code;     // one word
  std::string message;  // what, to which id, why
  std::string hint;
  std::vector<std::string> ids;    // what an ambiguous name may mean
  std::optional<Ordinal> ordinal;  // of the record of this refusal
};
[[nodiscard]] Response answer_of(const Problem& problem);
[[nodiscard]] inline tl::unexpected<Response> problem(const Problem& problem) {
  return tl::unexpected<Response>(answer_of(problem));
}
[[nodiscard]] Response answer_of(const Error& error, const std::string& doing);
// An answer of shared code, which speaks Manila's way, in this API's form.
[[nodiscard]] Response in_own_form(Response response);

[[nodiscard]] Response answer(const Call& call, const boost::json::object& body, int status = 200);

// ---- what a request means ---------------------------------------------------------------
// A name or an id. 404 when there is none (that the caller may see), 409 with the ids when
// several have this name.
[[nodiscard]] Checked<Share> find_share(const Call& call, const std::string& text);
[[nodiscard]] Checked<ShareType> find_type(const Call& call, const std::string& text);
[[nodiscard]] Checked<Operation> find_operation(const Call& call, const std::string& text);
// 404 for a name that is neither configured nor in the log.
[[nodiscard]] Checked<void> find_controller(const Call& call, const std::string& name);
struct SnapshotPlace {
  Share share;
  SnapshotId id;
  [[nodiscard]] const Snapshot& snapshot() const { return *share.find(id); }
};
// An id, or SHARE@SNAPSHOT, both by name or id.
[[nodiscard]] Checked<SnapshotPlace> find_snapshot(const Call& call, const std::string& text);
struct ReplicaPlace {
  Share share;
  ReplicaId id;
  [[nodiscard]] const Replica& replica() const { return *share.find(id); }
};
// An id, or SHARE@ZONE, or SHARE@CONTROLLER.
[[nodiscard]] Checked<ReplicaPlace> find_replica(const Call& call, const std::string& text);

// Controllers, pools and the log belong to the whole service, not to a project. 403 for callers
// without rights.
[[nodiscard]] Checked<void> require_admin(const Call& call, const std::string& to_do);

// 400 for query items beside these.
[[nodiscard]] Checked<void> only_query(const Request& request,
                                       const std::vector<std::string_view>& names);
[[nodiscard]] Checked<std::optional<std::uint64_t>> query_number(const Request& request,
                                                                 std::string_view name);
[[nodiscard]] Checked<bool> query_flag(const Request& request, std::string_view name);

struct Page {
  std::size_t offset = 0;
  std::size_t limit = 0;
};
[[nodiscard]] Checked<Page> parse_page(const Call& call);
// {"<name>": [the rows of this page], "total", "next_offset"}
[[nodiscard]] boost::json::object page_of(const std::string& name, const boost::json::array& rows,
                                          const Page& page);
// The body as an object; an empty body is an empty object.
[[nodiscard]] Checked<boost::json::object> optional_body(const Request& request);

// ---- groups of routes: method, pattern, handler ---------------------------------------------
struct RouteEntry {
  std::string_view method;
  std::string_view pattern;
  CallHandler handler = nullptr;
};
std::vector<RouteEntry> reading_routes();
std::vector<RouteEntry> acting_routes();
std::vector<RouteEntry> controller_routes();
std::vector<RouteEntry> order_routes();
std::vector<RouteEntry> snapshot_routes();
std::vector<RouteEntry> past_routes();
std::vector<RouteEntry> replay_routes();
std::vector<RouteEntry> size_and_access_routes();
std::vector<RouteEntry> care_routes();  // adoption, verification, data kept aside
// All of them: what is served.
std::vector<RouteEntry> all_routes();

}  // namespace pasig::http::v1
