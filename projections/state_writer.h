// The writing half of state/ (store.h): folds one record after another into the tables.
#pragma once

#include <memory>

#include "projections/lmdb_tables.h"
#include "projections/store.h"

namespace pasig::tables {

std::unique_ptr<Writer> make_writer(const Environment& environment);

}  // namespace pasig::tables
