#!/usr/bin/env python3
"""Make docs/proof.md from what `weft sim prove --out FILE` wrote.

    make-proof.py FILE [AGAIN] > docs/proof.md

Each line of FILE is the JSON object of one seed. Lines of other settings or of other code than the last one's are
left out, and counted. Lines of AGAIN are the same seeds, played by another JVM or by later code: their hashes are
compared.
"""
import json
import statistics
import sys
from pathlib import Path

SETTING = ("nodes", "hours", "code")


def span(values, form):
    """Least, median and most."""
    return f"{form(min(values))} / {form(statistics.median(values))} / {form(max(values))}"


def whole(value):
    """A number with commas."""
    return f"{value:,.0f}"


def ranges(numbers):
    """Sorted numbers, neighbours put together."""
    found = []
    for each in numbers:
        if found and found[-1][1] == each - 1:
            found[-1][1] = each
        else:
            found.append([each, each])
    return ", ".join(str(first) if first == last else f"{first} to {last}" for first, last in found)


def again(seeds, setting, path):
    """What was played once more, and whether it was the same."""
    groups = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        each = json.loads(line)
        if [each["nodes"], each["hours"]] == setting[:2] and each["seed"] in seeds:
            groups.setdefault((each["code"], each.get("jvm", "")), []).append(each)
    print("## Played again")
    print()
    print("The same seeds once more, on other settings of the JVM, or with later code that should not change what happens.")
    print()
    print("| code | JVM | seeds | same hash |")
    print("|---|---|---|---|")
    for (code, jvm), played in groups.items():
        same = sum(each["hash"] == seeds[each["seed"]]["hash"] for each in played if each["holds"])
        names = ranges(sorted({each["seed"] for each in played}))
        what = "the same" if code == setting[2] else f"`{code}`"
        settings = f"`{jvm}`" if jvm else "not noted"
        print(f"| {what} | {settings} | {names} | {same} of {len(played)} |")
    print()


def main():
    """Print the page."""
    every = [json.loads(line) for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()]
    setting = [every[-1][each] for each in SETTING]
    seeds = {each["seed"]: each for each in every if [each[name] for name in SETTING] == setting}
    tried = [seeds[seed] for seed in sorted(seeds)]
    held = [each for each in tried if each["holds"]]
    print("# A virtual day")
    print()
    print("Made by `docs/make-proof.py` from a run of `weft sim prove`; not edited by hand.")
    print()
    print(f"{setting[0]} full nodes, {setting[1]} virtual hours of faults: nodes come and go, die and freeze, lines break and")
    print("are slow, the network splits, clocks are wrong. After each event the invariants of the node that it happened to are")
    print("asked, each minute what peers owe each other; after the faults all must agree and be connected in full within")
    print("half an hour (`Faults`, `Invariants`, `Obligations`, `Proof` in [`sim`](../sim/README.md)).")
    print()
    print(f"**{len(held)} of {len(tried)} seeds hold.** Code `{setting[2]}` (hash of the compiled node and simulator).")
    if len(every) > len(tried):
        print(f"{len(every) - len(tried)} lines of the file are of other settings or other code.")
    print()
    print("| of a seed | least / median / most | all |")
    print("|---|---|---|")
    for name, label in (
        ("events", "events"),
        ("checks", "checks"),
        ("faults", "faults"),
        ("blocks", "blocks"),
        ("payments", "payments"),
    ):
        values = [each[name] for each in held]
        print(f"| {label} | {span(values, whole)} | {whole(sum(values))} |")
    after = [each["wholeAfterSeconds"] for each in held]
    print(f"| virtual seconds from the last fault until all agree | {span(after, whole)} | |")
    print()
    if len(sys.argv) > 2:
        again(seeds, setting, Path(sys.argv[2]))
    print("## Seeds")
    print()
    print("| seed | hash | events | faults | whole after, s |")
    print("|---|---|---|---|---|")
    for each in tried:
        if each["holds"]:
            cells = (each["hash"], whole(each["events"]), whole(each["faults"]), whole(each["wholeAfterSeconds"]))
        else:
            cells = ("FAILED: " + each["why"].replace("|", " "), "", "", "")
        print(f"| {each['seed']} | " + " | ".join(cells) + " |")


main()
