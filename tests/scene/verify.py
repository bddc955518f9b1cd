"""Checks the chain of a log as docs/audit.md describes it, knowing nothing of vetsh: prints the number of records."""
import hashlib, json, pathlib, sys

prev, number = "0" * 64, 0
for day in sorted(pathlib.Path(sys.argv[1]).glob("????-??-??.jsonl")):
    for line in day.read_bytes().splitlines(keepends=True):
        assert line.endswith(b"\n") and len(line) <= 65536, "a line that is cut short or too long"
        record = json.loads(line)
        covered = line[: line.rindex(b',"hash":')]
        number += 1
        assert list(record)[-1] == "hash" and hashlib.sha256(covered).hexdigest() == record["hash"], f"hash of {number}"
        assert record["prev"] == prev and record["seq"] == number, f"link of {number}"
        prev = record["hash"]
print(number)
