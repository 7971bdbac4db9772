#!/usr/bin/env python3
"""Make docs/compatibility.md from results of Bitcoin Core's functional tests run against weftd.

    make-compatibility.py RESULTS.json... > docs/compatibility.md

A results file is JSON with "results": [{"test", "status", "seconds", "error"}]; of several runs of one test the last
file given counts.
"""
import json
import re
import sys

tests = {}
for name in sys.argv[1:]:
    with open(name, encoding="utf-8") as file:
        for result in json.load(file)["results"]:
            tests[result["test"]] = result

passed = sum(result["status"] == "PASS" for result in tests.values())
print("# Compatibility")
print()
print("Bitcoin Core 28.1's own functional tests, run against `weftd` without a wallet. Made by")
print("`docs/make-compatibility.py` from the results of a run; not edited by hand.")
print()
print(f"{passed} of {len(tests)} pass.")
print()
print("| script | result | seconds | first error |")
print("|---|---|---|---|")
for name in sorted(tests):
    result = tests[name]
    error = re.sub(r"/\S*/", "", result["error"].split("\n")[0])
    error = error.replace("|", "\\|")[:140]
    print(f"| {name} | {result['status'].lower()} | {result['seconds']:.1f} | {error} |")
