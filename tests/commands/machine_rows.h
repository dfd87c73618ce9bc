// How a row of a machine is shown to be needed: the decision that asks for it comes out as written,
// and differently with that one row taken out.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <utility>

#include "tests/commands/missing_rows.h"
#include "tests/commands/story.h"

namespace pasig {

// A share with its first replica on a; `replica` is the one that a scene is about.
struct Stage {
  Story story;
  ShareId share;
  ReplicaId active;
  ReplicaId replica;

  explicit Stage(const std::string& replication) {
    share = story.request_share(story.make_type(replication));
    active = replica = story.share(share).replicas.at(0).id;
  }
  void provision() { story.finish_first(share); }
  void request() { replica = story.request_replica(share, "z-b"); }
  void add() {
    request();
    story.finish_first(share);
  }
  [[nodiscard]] OperationId operation() const { return story.first_in_line(share); }
  [[nodiscard]] ReportStatus status(ReplicaId of) const {
    return {.share = share, .replica = of, .epoch = story.share(share).epoch};
  }
  [[nodiscard]] ReportStatus broken(ReplicaId of, FailureCode code) const {
    ReportStatus report = status(of);
    report.failure = Failure{.code = code, .words = "it said so"};
    return report;
  }
  [[nodiscard]] ReportSync synced(std::optional<OutOfSyncReason> wrong = {}) const {
    return {.share = share,
            .replica = replica,
            .epoch = story.share(share).epoch,
            .wrong = wrong,
            .generation = 5,
            .data_as_of = story.now.now.plus_seconds(-5)};
  }
};

using Scene = std::function<Command(Stage&)>;  // sets the stage; what is then asked

struct Asked {
  std::string replication = "dr";
  std::string decided;  // names of the events; "" is a decision that changes nothing
  Scene scene;
};

template <class Report>
Command not_done(Stage& stage) {
  Report report;
  report.operation = stage.story.start_first(stage.share);
  report.attempt = 1;
  report.failure = Failure{.code = FailureCode::failed, .words = "it said so"};
  return report;
}

inline Command finished(Stage& stage) {
  return done(stage.story, stage.story.start_first(stage.share));
}

template <class State, class Input>
void expect_asked(const std::pair<State, Input>& row, const Asked& asked) {
  Stage stage(asked.replication);
  const Command command = asked.scene(stage);
  const Decision with = stage.story.ask(command);
  ASSERT_TRUE(with) << "refused: " << with.error().message;
  EXPECT_EQ(names(*with), asked.decided);
  const MissingRow missing(row.first, row.second);
  const Decision without = stage.story.ask(command);
  EXPECT_NE(with, without) << "the decision is the same without the row";
}

template <class State, class Input>
using Scenes = std::map<std::pair<State, Input>, Asked>;

template <class State, class Input>
void expect_each_row_asked(const Scenes<State, Input>& scenes, std::size_t inputs) {
  std::size_t rows = 0;
  for (int code = 0; code <= static_cast<int>(State::MAX); ++code)
    for (std::size_t i = 0; i < inputs; ++i) {
      const std::pair row(static_cast<State>(code), static_cast<Input>(i));
      if (!next(row.first, row.second)) continue;
      ++rows;
      SCOPED_TRACE(std::string(word(row.first)) + " on " + std::string(word(row.second)));
      const auto found = scenes.find(row);
      if (found == scenes.end()) ADD_FAILURE() << "no decision asks for this row";
      else expect_asked(row, found->second);
    }
  EXPECT_EQ(rows, scenes.size()) << "a scene is about a row that is not there";
}

}  // namespace pasig
