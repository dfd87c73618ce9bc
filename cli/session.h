// What every verb is given: the way to pasigd, the way out, and the interrupt. One thread.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "cli/client.h"
#include "cli/interrupt.h"
#include "cli/json.h"
#include "cli/output.h"
#include "cli/verbs.h"

namespace pasig::cli {

class Session {
 public:
  Session(Client client, Output& output, const Interrupt& interrupt)
      : client_(std::move(client)), output_(output), interrupt_(interrupt) {}

  [[nodiscard]] Output& output() const { return output_; }
  [[nodiscard]] const Interrupt& interrupt() const { return interrupt_; }
  [[nodiscard]] const Endpoint& endpoint() const { return client_.endpoint(); }

  // The body of a 2xx answer as JSON; everything else is a problem. The answers to get() are as
  // of at least what this session has done before.
  [[nodiscard]] Answer<Json> get(const std::string& target);
  [[nodiscard]] Answer<Json> send(Call call);
  // The same, although an interrupt was raised: for what has to be cleaned up then.
  [[nodiscard]] Answer<Json> send_regardless(const Call& call) const;
  // All pages of a list, put together under `member`, or the one page that was asked for.
  [[nodiscard]] Answer<Json> list(const std::string& target, const std::string& member,
                                  const Page& page);

 private:
  Client client_;
  Output& output_;
  const Interrupt& interrupt_;
  std::string position_;
};

// /pasig/v1/<kind>/<encoded name>
std::string path_of(const std::string& kind, const std::string& name);

// A query that is put together piece by piece.
class Query {
 public:
  Query& add(const std::string& name, const std::string& value);
  template <class N>
  Query& add(const std::string& name, const std::optional<N>& value) {
    return value ? add(name, std::to_string(*value)) : *this;
  }
  [[nodiscard]] const std::string& text() const { return text_; }  // with its question mark

 private:
  std::string text_;
};

// KEY=VALUE pairs as a JSON object.
Answer<boost::json::object> pairs_of(const std::vector<std::string>& texts,
                                     const std::string& option);

// ---- one overload a verb; each group in its own file ----------------------------------------
Answer<void> run(Session& session, const TypeCreate& verb);
Answer<void> run(Session& session, const TypeList& verb);
Answer<void> run(Session& session, const TypeShow& verb);
Answer<void> run(Session& session, const TypeDelete& verb);
Answer<void> run(Session& session, const ShareCreate& verb);
Answer<void> run(Session& session, const ShareList& verb);
Answer<void> run(Session& session, const ShareShow& verb);
Answer<void> run(Session& session, const ShareDelete& verb);
Answer<void> run(Session& session, const ShareExtend& verb);
Answer<void> run(Session& session, const ShareShrink& verb);
Answer<void> run(Session& session, const ShareResetStatus& verb);
Answer<void> run(Session& session, const AccessAdd& verb);
Answer<void> run(Session& session, const AccessList& verb);
Answer<void> run(Session& session, const AccessShow& verb);
Answer<void> run(Session& session, const AccessRemove& verb);
Answer<void> run(Session& session, const AccessSet& verb);
Answer<void> run(Session& session, const ShareRevert& verb);
Answer<void> run(Session& session, const SnapshotCreate& verb);
Answer<void> run(Session& session, const SnapshotList& verb);
Answer<void> run(Session& session, const SnapshotShow& verb);
Answer<void> run(Session& session, const SnapshotDelete& verb);
Answer<void> run(Session& session, const SnapshotResetStatus& verb);
Answer<void> run(Session& session, const ReplicaAdd& verb);
Answer<void> run(Session& session, const ReplicaList& verb);
Answer<void> run(Session& session, const ReplicaShow& verb);
Answer<void> run(Session& session, const ReplicaRemove& verb);
Answer<void> run(Session& session, const ReplicaSetActive& verb);
Answer<void> run(Session& session, const ReplicaResync& verb);
Answer<void> run(Session& session, const ReplicaResetStatus& verb);
Answer<void> run(Session& session, const ReplicaResetState& verb);
Answer<void> run(Session& session, const ReplicaVerify& verb);
Answer<void> run(Session& session, const AsideList& verb);
Answer<void> run(Session& session, const AsideDelete& verb);
Answer<void> run(Session& session, const AsideRestoreTo& verb);
Answer<void> run(Session& session, const Manage& verb);
Answer<void> run(Session& session, const Unmanage& verb);
Answer<void> run(Session& session, const SnapshotManage& verb);
Answer<void> run(Session& session, const SnapshotUnmanage& verb);
Answer<void> run(Session& session, const ControllerList& verb);
Answer<void> run(Session& session, const ControllerShow& verb);
Answer<void> run(Session& session, const PoolList& verb);
Answer<void> run(Session& session, const OperationList& verb);
Answer<void> run(Session& session, const OperationShow& verb);
Answer<void> run(Session& session, const OperationCancel& verb);
Answer<void> run(Session& session, const OperationAbandon& verb);
Answer<void> run(Session& session, const CommandShow& verb);
Answer<void> run(Session& session, const EffectsOrder& verb);
Answer<void> run(Session& session, const ControllerOrder& verb);
Answer<void> run(Session& session, const ReplicationOrder& verb);
Answer<void> run(Session& session, const DebrisList& verb);
Answer<void> run(Session& session, const DebrisClean& verb);
Answer<void> run(Session& session, const DebrisForget& verb);
Answer<void> run(Session& session, const History& verb);
Answer<void> run(Session& session, const Why& verb);
Answer<void> run(Session& session, const LogShow& verb);
Answer<void> run(Session& session, const ReplayVerify& verb);
Answer<void> run(Session& session, const Status& verb);

}  // namespace pasig::cli
