// The schema only grows: all that schemas/landed/ holds (the schema of the last release) is in
// the schema of today, with the same number and type. flatc --conform, which ctest also runs,
// does not see a removed field; this does.
#include <flatbuffers/idl.h>
#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <sstream>

namespace pasig {
namespace {

using flatbuffers::EnumDef;
using flatbuffers::FieldDef;
using flatbuffers::Parser;
using flatbuffers::StructDef;
using flatbuffers::Type;

std::string contents(const std::string& path) {
  std::ifstream file(std::string(PASIG_SOURCE_DIR) + "/" + path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The events' schema and the record's, as one text.
std::string schema_in(const std::string& folder) {
  std::string record = contents(folder + "/record.fbs");
  const std::string include = "include \"events.fbs\";";
  record.erase(record.find(include), include.size());
  return contents(folder + "/events.fbs") + record;
}

std::unique_ptr<Parser> parsed(const std::string& text) {
  auto parser = std::make_unique<Parser>();
  EXPECT_TRUE(parser->Parse(text.c_str())) << parser->error_;
  return parser;
}

std::string type_name(const Type& type) {
  std::string name = std::to_string(type.base_type) + "/" + std::to_string(type.element);
  if (type.struct_def != nullptr) name += " " + type.struct_def->name;
  if (type.enum_def != nullptr) name += " " + type.enum_def->name;
  return name;
}

void compare(const FieldDef& landed, const StructDef& in, std::string& wrong) {
  const std::string place = in.name + "." + landed.name;
  const FieldDef* field = in.fields.Lookup(landed.name);
  if (field == nullptr) wrong += place + " is gone\n";
  else if (field->value.offset != landed.value.offset) wrong += place + " has another number\n";
  else if (type_name(field->value.type) != type_name(landed.value.type))
    wrong += place + " has another type\n";
  else if (field->value.constant != landed.value.constant)
    wrong += place + " has another default\n";
  else if (field->deprecated) wrong += place + " is no longer read\n";
}

// What of the landed schema is gone or changed; empty when all is there.
std::string missing_from(const std::string& text, const Parser& landed) {
  const auto today = parsed(text);
  std::string wrong;
  for (const StructDef* table : landed.structs_.vec) {
    const StructDef* now = today->LookupStruct("pasig.wire." + table->name);
    if (now == nullptr) wrong += table->name + " is gone\n";
    else
      for (const FieldDef* field : table->fields.vec) compare(*field, *now, wrong);
  }
  for (const EnumDef* words : landed.enums_.vec) {
    const EnumDef* now = today->enums_.Lookup("pasig.wire." + words->name);
    for (const auto* word : words->Vals()) {
      const auto* found = now == nullptr ? nullptr : now->Lookup(word->name);
      if (found == nullptr || found->GetAsUInt64() != word->GetAsUInt64())
        wrong += words->name + "." + word->name + " is gone or has another number\n";
    }
  }
  return wrong;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

class Schema : public testing::Test {
 protected:
  const std::string landed_text_ = schema_in("schemas/landed");
  const std::unique_ptr<Parser> landed_ = parsed(landed_text_);

  // What is said when the landed schema is changed so.
  std::string after(const std::string& from, const std::string& to) const {
    return missing_from(replaced(landed_text_, from, to), *landed_);
  }
};

TEST_F(Schema, HoldsAllThatLanded) { EXPECT_EQ(missing_from(schema_in("events"), *landed_), ""); }

TEST_F(Schema, IsRefusedWithoutALastField) {
  EXPECT_EQ(after(" words:string (id:2); hint:string (id:3);", " words:string (id:2);"),
            "Failure.hint is gone\n");
}

TEST_F(Schema, IsRefusedWithARenumberedField) {
  EXPECT_NE(after("log:Uuid (id:0); incarnation:ulong (id:1);",
                  "log:Uuid (id:1); incarnation:ulong (id:0);"),
            "");
}

TEST_F(Schema, IsRefusedWithARetypedField) {
  EXPECT_EQ(after("why:string (id:4);", "why:ulong (id:4);"),
            "ShareRescheduled.why has another type\n");
}

TEST_F(Schema, IsRefusedWithADeprecatedField) {
  EXPECT_EQ(after("force:bool (id:1);", "force:bool (id:1, deprecated);"),
            "ShareDeletionStarted.force is no longer read\n");
}

TEST_F(Schema, IsRefusedWithARenumberedWord) {
  EXPECT_NE(after("planned = 1, forced = 2", "forced = 1, planned = 2"), "");
}

TEST_F(Schema, IsRefusedWithARenumberedEvent) {
  EXPECT_NE(after("OperationCancelled = 67", "OperationCancelled = 68"), "");
}

TEST_F(Schema, MayGrow) {
  EXPECT_EQ(after("words:string (id:2); hint:string (id:3);",
                  "words:string (id:2); hint:string (id:3); more:string (id:4);"),
            "");
}

}  // namespace
}  // namespace pasig
