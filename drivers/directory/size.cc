#include "drivers/directory/size.h"

#include <set>

#include "drivers/directory/files.h"
#include "drivers/directory/project_quota.h"

namespace pasig::drivers::directory {
namespace {

constexpr std::uint64_t k_gib = std::uint64_t{1} << 30;

// The tree's own project, when this replica gave it to it and nothing of the tree lacks it.
Answer<ProjectId> settled_project(const HeldReplica& held, const std::string& tree) {
  PASIG_TRY(const ProjectId project, project_of(tree));
  const auto known = held.record.projects.find(project);
  return known != held.record.projects.end() && known->second ? project : 0;
}

// Begun by a call that died, or new.
Answer<ProjectId> begin_project(HeldReplica& held, const std::string& tree) {
  PASIG_TRY(const ProjectId begun, project_of(tree));
  if (held.record.projects.contains(begun)) return begun;
  PASIG_TRY(const ProjectId project, free_project(tree, to_string(held.place().replica)));
  held.record.projects[project] = false;
  PASIG_CHECK(held.save());
  return project;
}

Answer<bool> join(const Call& call, HeldReplica& held, const std::string& tree) {
  PASIG_TRY(const ProjectId settled, settled_project(held, tree));
  if (settled != 0) return false;
  PASIG_TRY(const ProjectId project, begin_project(held, tree));
  PASIG_CHECK(join_project(tree, project, call.patience));
  held.record.projects[project] = true;
  PASIG_CHECK(held.save());
  return true;
}

// Of trees that went: what is left of one, aside, is nobody's to write to.
Answer<void> release_others(HeldReplica& held, const std::set<ProjectId>& kept) {
  std::set<ProjectId> released;
  for (const auto& [project, is_whole] : held.record.projects) {
    if (kept.contains(project)) continue;
    PASIG_CHECK(limit_project(held.place().top(), project, 0));
    released.insert(project);
  }
  if (released.empty()) return {};
  for (const ProjectId project : released) held.record.projects.erase(project);
  return held.save();
}

}  // namespace

Answer<void> enter_project(const Call& call, HeldReplica& held, const std::string& tree) {
  if (!held.side.root.abilities.limits) return {};
  PASIG_CHECK(join(call, held, tree));
  return {};
}

Answer<bool> apply_size(const Call& call, HeldReplica& held) {
  return apply_size(call, held, call.share.size_gb);
}

Answer<bool> apply_size(const Call& call, HeldReplica& held, std::uint64_t size_gb) {
  if (!held.side.root.abilities.limits) return false;
  const ReplicaPlace& place = held.place();
  const std::string tree = exists(place.live()) ? place.live() : place.prepared();
  if (!exists(tree)) {
    PASIG_CHECK(release_others(held, {}));
    return false;
  }
  PASIG_TRY(const bool has_joined, join(call, held, tree));
  PASIG_TRY(const ProjectId project, project_of(tree));
  PASIG_CHECK(release_others(held, {project}));
  PASIG_TRY(const ProjectUse use, project_use(tree, project));
  if (use.limit == size_gb * k_gib) return has_joined;
  PASIG_CHECK(limit_project(tree, project, size_gb * k_gib));
  return true;
}

Answer<std::optional<std::uint64_t>> counted_bytes(const HeldReplica& held) {
  if (!held.side.root.abilities.limits) return std::optional<std::uint64_t>();
  const std::string live = held.place().live();
  PASIG_TRY(const ProjectId project, settled_project(held, live));
  if (project == 0) return std::optional<std::uint64_t>();
  PASIG_TRY(const ProjectUse use, project_use(live, project));
  return std::optional<std::uint64_t>(use.bytes);
}

Answer<void> release_projects(HeldReplica& held) {
  return held.side.root.abilities.limits ? release_others(held, {}) : Answer<void>();
}

}  // namespace pasig::drivers::directory
