// Verbs that change something: sending the command once, however often it has to be tried, and
// waiting for the work that it asked for.
#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "cli/session.h"

namespace pasig::cli {

// When the waiting is over, beside the end of the operation.
enum class Goal {
  answered,         // nothing more: the command's own end
  operation_over,   // done, or the wait fails
  operation_ended,  // done, failed or cancelled: the caller looks
  share_available,
  gone,              // the object answers 404
  replica_in_sync,   // or active, for writable shares
  replica_verified,  // all of it was read
  access_settled,    // the rule is gone, or no operation will tell more of it soon
};

struct Deed {
  std::string method = "POST";
  std::string path;
  boost::json::object body;  // not sent with DELETE
  std::string what;          // "creating share docs", for messages
  std::string member;        // of the answer that holds the object: share, replica, type, …
  std::string kind;          // where it is read again: shares, replicas, …; empty: never
  Goal goal = Goal::answered;
};

struct Done {
  Json answer;           // of the command, with the object as it is after the wait
  bool is_over = false;  // waited for, and reached
};

// Sends the command and waits when --wait was given. A lost answer is asked for again under
// the same command id, so that it is settled whenever pasigd can be reached.
Answer<Done> act(Session& session, const Deed& deed, const Acting& acting);

}  // namespace pasig::cli
