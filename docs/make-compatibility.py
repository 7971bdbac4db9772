#!/usr/bin/env python3
"""Make docs/compatibility.md from results of Bitcoin Core's functional tests run against weftd.

    make-compatibility.py RESULTS.json... > docs/compatibility.md

A results file is JSON with "results": [{"test", "status", "seconds", "error"}]; of several runs of one test the last
file given counts. Why a script cannot pass, as far as that is known, stands in compatibility-reasons.json beside this
program: {script: reason}.
"""
import json
import re
import sys
from pathlib import Path


def read_results(names):
    """The last result of each test."""
    tests = {}
    for name in names:
        for result in json.loads(Path(name).read_text(encoding="utf-8"))["results"]:
            tests[result["test"]] = result
    return tests


def first_error(result):
    """One line, without folders of the machine that ran it."""
    error = re.sub(r"/\S*/", "", result["error"].split("\n")[0])
    return error.replace("|", "\\|")[:140]


def main():
    """Print the page."""
    tests = read_results(sys.argv[1:])
    reasons_file = Path(__file__).with_name("compatibility-reasons.json")
    reasons = json.loads(reasons_file.read_text(encoding="utf-8"))
    failed = {name: result for name, result in tests.items() if result["status"] != "PASS"}
    cannot = [name for name in sorted(failed) if name.split()[0] in reasons]
    print("# Compatibility")
    print()
    print("Bitcoin Core 28.1's own functional tests, run against `weftd` without a wallet. Made by")
    print("`docs/make-compatibility.py` from the results of runs; not edited by hand. The scripts' `config.ini` has weft's name")
    print("and whom to report faults to, as it has Core's for Core.")
    print()
    print(f"{len(tests) - len(failed)} of {len(tests)} pass.")
    if cannot:
        print(f"{len(cannot)} of the others cannot, each for a reason of its own:")
        print()
        for name in cannot:
            print(f"- `{name}`: {reasons[name.split()[0]]}")
    print()
    print("| script | result | seconds | first error |")
    print("|---|---|---|---|")
    for name in sorted(tests):
        result = tests[name]
        print(f"| {name} | {result['status'].lower()} | {result['seconds']:.1f} | {first_error(result)} |")


if __name__ == "__main__":
    main()
