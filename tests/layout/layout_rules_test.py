"""The layout rules find what they are for: each on a tree of a few lines."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import check_layout
import cpp
import includes
import records
import texts
from tree import Finding, Tree

HEADER = "// What it is.\n#pragma once\n"
SCHEMA = "enum ReplicaStatus:ubyte { creating = 0 }\nunion Event {\n  LogCreated = 1\n}\n"


def messages(rule, files):
    return [one.message for one in rule(Tree(files))]


def long_function(lines):
    return "void f() {\n" + "  g();\n" * (lines - 2) + "}\n"


class IncludeTable(unittest.TestCase):
    def found(self, path, line):
        return messages(includes.include_table, {path: line + "\n"})

    def test_refuses_a_new_arrow(self):
        self.assertTrue(self.found("events/a.cc", '#include "log/event_log.h"'))

    def test_lets_an_arrow_of_the_table_pass(self):
        self.assertFalse(self.found("log/a.cc", '#include "events/record.h"'))

    def test_lets_one_header_pass_and_not_its_neighbour(self):
        self.assertFalse(self.found("replay/a.cc", '#include "service/fold.h"'))
        self.assertTrue(self.found("replay/a.cc", '#include "service/applier.h"'))

    def test_keeps_concrete_drivers_to_the_daemon(self):
        line = '#include "drivers/directory/directory_driver.h"'
        self.assertTrue(self.found("drivers/worker.cc", line))
        self.assertTrue(self.found("drivers/simulated/a.cc", line))
        self.assertFalse(self.found("daemon/node.cc", line))

    def test_refuses_a_library_of_another_folder(self):
        self.assertTrue(self.found("http/a.cc", "#include <lmdb.h>"))

    def test_refuses_an_unknown_library(self):
        self.assertTrue(self.found("http/a.cc", "#include <absl/strings/str_cat.h>"))

    def test_confines_a_library_to_its_files(self):
        self.assertFalse(self.found("log/embedded.cc", "#include <lmdb.h>"))
        self.assertTrue(self.found("log/open.cc", "#include <lmdb.h>"))

    def test_refuses_private_headers_of_others(self):
        self.assertTrue(self.found("service/a.cc", '#include "projections/lmdb_tables.h"'))

    def test_refuses_includes_that_are_not_from_the_root(self):
        self.assertTrue(self.found("log/a.cc", '#include "memory.h"'))

    def test_keeps_the_core_pure(self):
        self.assertTrue(self.found("commands/a.cc", "#include <thread>"))
        self.assertTrue(self.found("commands/a.cc", '#include "base/clock.h"'))
        self.assertFalse(self.found("service/a.cc", "#include <thread>"))

    def test_ignores_includes_in_comments(self):
        self.assertFalse(self.found("events/a.cc", '// #include "log/event_log.h"'))


class Includes(unittest.TestCase):
    def test_own_header_comes_first(self):
        files = {"log/a.h": HEADER, "log/a.cc": '#include <map>\n#include "log/a.h"\n'}
        self.assertTrue(messages(includes.own_header_first, files))

    def test_direct_includes_finds_what_comes_by_chance(self):
        use = "int f() { return std::any_of(a, b, c); }\n"
        self.assertTrue(messages(includes.direct_includes, {"log/a.cc": use}))
        self.assertFalse(
            messages(includes.direct_includes, {"log/a.cc": "#include <algorithm>\n" + use}))

    def test_direct_includes_accepts_what_the_own_header_gives(self):
        files = {"log/a.h": HEADER + "#include <mutex>\n",
                 "log/a.cc": '#include "log/a.h"\nstd::mutex lock;\n'}
        self.assertFalse(messages(includes.direct_includes, files))


class Cpp(unittest.TestCase):
    def test_bare_text_keeps_lines_and_loses_words(self):
        text = 'a; // {\n/* b\nc */ d("} {"); R"(x{\n)"; \'{\'\n'
        self.assertEqual(cpp.bare(text).count("\n"), text.count("\n"))
        self.assertNotIn("{", cpp.bare(text))

    def test_digit_separators_are_no_quotes(self):
        self.assertIn("{", cpp.bare("int a = 10'000; void f() { b = 'x'; }"))

    def test_finds_functions_in_classes_and_namespaces(self):
        text = ("namespace a {\nclass B {\n public:\n  int f() const {\n    return 1;\n  }\n};\n"
                "int g() {\n  if (x) {\n  }\n  return 2;\n}\n}\n")
        self.assertEqual(cpp.functions(text), [(4, 6), (8, 12)])

    def test_finds_the_body_behind_member_initialisers(self):
        text = "A::A() : a_{1}, b_{2} {\n  f();\n}\n"
        self.assertIn((1, 3), cpp.functions(text))

    def test_counts_a_lambda_to_its_function(self):
        text = "void f() {\n  g([] {\n    h();\n  });\n}\n"
        self.assertEqual(cpp.functions(text), [(1, 5)])


class Texts(unittest.TestCase):
    def test_function_length_ends_at_the_limit(self):
        self.assertFalse(messages(texts.function_length, {"log/a.cc": long_function(70)}))
        self.assertTrue(messages(texts.function_length, {"log/a.cc": long_function(71)}))

    def test_function_length_counts_python_too(self):
        text = "def f():\n" + "    g()\n" * 70
        self.assertTrue(messages(texts.function_length, {"tests/a.py": text}))

    def test_file_length_ends_at_the_limit(self):
        self.assertFalse(messages(texts.file_length, {"log/a.cc": "\n" * 400}))
        self.assertTrue(messages(texts.file_length, {"log/a.cc": "\n" * 401}))

    def test_line_length_counts_letters_not_bytes(self):
        self.assertFalse(messages(texts.line_length, {"log/a.cc": "ä" * 100}))
        self.assertTrue(messages(texts.line_length, {"log/a.cc": "ä" * 101}))

    def test_folder_names_say_something(self):
        self.assertTrue(messages(texts.folder_names, {"http/utils/a.h": ""}))
        self.assertFalse(messages(texts.folder_names, {"http/views/a.h": ""}))

    def test_class_names_say_something(self):
        self.assertTrue(messages(texts.class_names, {"log/a.h": "class LogManager;\n"}))
        self.assertFalse(messages(texts.class_names, {"log/a.h": "class Managerial;\n"}))
        self.assertFalse(messages(texts.class_names, {"log/a.h": "// class LogManager\n"}))

    def test_banned_calls_are_found(self):
        self.assertTrue(messages(texts.banned_calls, {"log/a.cc": "std::regex r;\n"}))
        self.assertTrue(messages(texts.banned_calls, {"tests/a.cc": "sleep_for(1s);\n"}))

    def test_work_to_do_has_a_number(self):
        word = "TO" + "DO"
        self.assertTrue(messages(texts.todo_form, {"log/a.cc": f"// {word}: later\n"}))
        self.assertFalse(messages(texts.todo_form, {"log/a.cc": f"// {word}(#12): later\n"}))

    def test_paths_of_one_machine_are_found(self):
        path = "/" + "root/pasig"
        self.assertTrue(messages(texts.host_paths, {"docs/a.md": f"see {path}\n"}))

    def test_headers_say_what_they_are(self):
        self.assertFalse(messages(texts.header_comments, {"log/a.h": HEADER}))
        self.assertTrue(messages(texts.header_comments, {"log/a.h": "#pragma once\n"}))
        self.assertTrue(messages(texts.header_comments, {"log/a.h": "// What it is.\n"}))

    def test_one_title_not_counting_code(self):
        self.assertFalse(messages(texts.one_title, {"a.md": "# A\n```\n# b\n```\n"}))
        self.assertTrue(messages(texts.one_title, {"a.md": "# A\n\n# B\n"}))

    def test_references_exist(self):
        files = {"docs/a.md": "[b](b.md) `log/a.cc`\n", "docs/b.md": "", "log/a.cc": ""}
        self.assertFalse(messages(texts.references, files))
        self.assertTrue(messages(texts.references, {"docs/a.md": "[b](b.md)\n"}))
        self.assertTrue(messages(texts.references, {"docs/a.md": "`log/a.cc`\n"}))


class Records(unittest.TestCase):
    def files(self, **without):
        files = {"events/events.fbs": SCHEMA,
                 "docs/events.md": "| 1 | `LogCreated` | a | b |\n",
                 "replay/sentences.cc": "std::string say(const LogCreated& e) {",
                 "tests/golden/events/0001_log_created.json": ""}
        files.update(without)
        return files

    def test_an_event_that_is_told_everywhere_passes(self):
        self.assertFalse(messages(records.every_event_is_told, self.files()))

    def test_an_event_needs_each_of_its_three(self):
        for path in ("docs/events.md", "replay/sentences.cc"):
            self.assertTrue(messages(records.every_event_is_told, self.files(**{path: ""})), path)
        files = self.files()
        del files["tests/golden/events/0001_log_created.json"]
        self.assertTrue(messages(records.every_event_is_told, files))

    def test_a_line_without_an_event_is_found(self):
        page = "| 1 | `LogCreated` | a | b |\n| 2 | `Gone` | a | b |\n"
        files = self.files(**{"docs/events.md": page})
        self.assertTrue(messages(records.every_event_is_told, files))

    def test_a_state_is_on_the_page(self):
        files = {"events/events.fbs": SCHEMA, "docs/states.md": "creating\n"}
        self.assertFalse(messages(records.every_state_is_told, files))
        files["docs/states.md"] = "recreating\n"
        self.assertTrue(messages(records.every_state_is_told, files))

    def test_labels_are_known(self):
        self.assertFalse(messages(records.labels_known,
                                  {"tests/CMakeLists.txt": "pasig_test(a unit a.cc)"}))
        self.assertTrue(messages(records.labels_known,
                                 {"tests/CMakeLists.txt": "pasig_test(a slow a.cc)"}))
        self.assertTrue(messages(
            records.labels_known,
            {"tests/CMakeLists.txt": "set_tests_properties(a PROPERTIES LABELS slow)"}))

    def test_sources_are_built(self):
        files = {"CMakeLists.txt": "foreach(folder log)", "log/CMakeLists.txt": "lib(log a.cc)",
                 "log/a.cc": ""}
        self.assertFalse(messages(records.every_source_is_built, files))
        self.assertTrue(messages(records.every_source_is_built, {**files, "log/b.cc": ""}))
        self.assertTrue(messages(records.every_source_is_built,
                                 {**files, "CMakeLists.txt": "foreach(folder base)"}))
        del files["log/a.cc"]
        self.assertTrue(messages(records.every_source_is_built, files))

    def test_decisions_are_numbered_short_and_whole(self):
        whole = "# A\n\n## Context\n\n## Decision\n\n## Consequences\n\n" \
                "## What would change our mind\n"
        self.assertFalse(messages(records.decisions, {"docs/adr/0001-a.md": whole}))
        self.assertTrue(messages(records.decisions, {"docs/adr/0002-a.md": whole}))
        self.assertTrue(messages(records.decisions, {"docs/adr/0001-a.md": "# A\n"}))
        self.assertTrue(messages(records.decisions, {"docs/adr/0001-a.md": whole + "\n" * 60}))

    def test_the_include_table_on_paper_is_the_one_that_is_checked(self):
        rows = [records.include_row(folder) for folder in includes.OWN]
        lines = [f"| `{folder}/` | x | y |" for folder in includes.SOURCE_FOLDERS]
        page = "\n".join(rows + lines) + "\n"
        self.assertFalse(messages(records.architecture, {"ARCHITECTURE.md": page}))
        wrong = page.replace("| log | base, events |", "| log | base |")
        self.assertTrue(messages(records.architecture, {"ARCHITECTURE.md": wrong}))


class Exceptions(unittest.TestCase):
    def judged(self, findings, text):
        return check_layout.judge(findings, check_layout.read_exceptions(text))

    def test_allow_what_they_name(self):
        long = [Finding("file_length", "log/a.cc", "m", 0, 410)]
        self.assertFalse(self.judged(long, "at-most 1\nfile_length log/a.cc 410  # why\n"))

    def test_do_not_grow(self):
        longer = [Finding("file_length", "log/a.cc", "m", 0, 411)]
        self.assertTrue(self.judged(longer, "at-most 1\nfile_length log/a.cc 410\n"))

    def test_are_lowered_when_it_gets_better(self):
        better = [Finding("file_length", "log/a.cc", "m", 0, 405)]
        self.assertTrue(self.judged(better, "at-most 1\nfile_length log/a.cc 410\n"))

    def test_are_taken_out_when_they_are_not_needed(self):
        self.assertTrue(self.judged([], "at-most 1\nfile_length log/a.cc 410\n"))

    def test_are_counted(self):
        long = [Finding("file_length", "log/a.cc", "m", 0, 410)]
        self.assertTrue(self.judged(long, "at-most 0\nfile_length log/a.cc 410\n"))

    def test_leave_other_findings(self):
        two = [Finding("file_length", "log/b.cc", "m", 0, 410)]
        self.assertEqual(len(self.judged(two, "at-most 0\n")), 1)


if __name__ == "__main__":
    unittest.main()
