// The verbs of scenarios: what people, workers, storage and time do. One thread.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "events/words.h"
#include "tests/scenarios/scenario_file.h"
#include "tests/scenarios/stage.h"

namespace pasig::scenario {

struct Verb {
  // Its arguments (optional ones in brackets, "..." for any number) and options, in words:
  // "SHARE [REPLICA] size=GB". What is not in it is refused.
  std::string usage;
  std::function<Result<void>(Stage&, const Statement&)> act;
  bool sets_stage = false;  // may come before the service starts
};
using Verbs = std::map<std::string, Verb>;

void add_client_verbs(Verbs& verbs);  // what people ask for
void add_size_and_access_verbs(Verbs& verbs);
void add_snapshot_verbs(Verbs& verbs);
void add_care_verbs(Verbs& verbs);    // adoption, scrubs, data kept aside
void add_order_verbs(Verbs& verbs);   // operators' orders, and plans
void add_report_verbs(Verbs& verbs);  // workers' reports by hand
void add_world_verbs(Verbs& verbs);   // storage, processes and time
void add_looking_verbs(Verbs& verbs);

// Does one statement. Error: it cannot be read, or names what is not there; a refusal by the
// service is no error but is said.
[[nodiscard]] Result<void> play(Stage& stage, const Statement& statement);

// ---- what people ask for ----
extern const char k_common_options[];
// The id of the command that the statement stands for: the same text, the same id.
[[nodiscard]] std::string id_of(Stage& stage, const Statement& statement);
// By an admin, or by the plain user of as=NAME.
[[nodiscard]] Result<void> ask(Stage& stage, const Statement& statement, const std::string& id,
                               Command command);
// Of that name; of the newest one when it is empty.
[[nodiscard]] Result<ShareTypeId> type_for(Stage& stage, const std::string& name);

// ---- what verbs read ----
// The option, or otherwise; an error names what it should be.
[[nodiscard]] Result<std::uint64_t> number_option(const Statement& statement,
                                                  const std::string& key, std::uint64_t otherwise);
[[nodiscard]] Result<std::int64_t> seconds_option(const Statement& statement,
                                                  const std::string& key, std::int64_t otherwise);

// One of the stored words.
template <class E>
Result<E> stored_word(const std::string& text) {
  if (const auto found = parse_word<E>(text)) return *found;
  std::string all;
  for (int i = static_cast<int>(E::MIN); i <= static_cast<int>(E::MAX); ++i)
    all += (all.empty() ? "" : ", ") + std::string(word(static_cast<E>(i)));
  return fail(ErrorCode::invalid, "\"" + text + "\" is none of: " + all);
}

}  // namespace pasig::scenario
