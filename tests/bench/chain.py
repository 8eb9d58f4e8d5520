#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a transaction costs on each way to the virtual card, measured in one run.

Started by tests/bench/bench.sh: chain.py BUILD READER ROUNDS WIDTH...
The participants (a native program, the Windows programs of both widths, pyscard here) stay connected and take turns in
a new order in every round; a participant's steps come one after another, in a new order too. The files of 64 KB take
part in every fourth round. A figure is the median over all rounds; a ratio is the median of the ratios within each
round, with the interval in which the true median lies with a probability of 95 %.
"""

import os
import random
import subprocess
import sys
import time

from smartcard.System import readers

CALLS = 20
FILE_ROUNDS = 4


class Program:
    """A participant in a process of its own, which is told a step and answers with its time."""

    def __init__(self, *command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def measure(self, step, calls):
        self.process.stdin.write(f"{step} {calls}\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"chain.py: {self.process.args[0]} ended at the step {step}")
        return float(line)


class Pyscard:
    """python3-pyscard, what a user could write a program with instead."""

    def __init__(self, reader):
        found = [r for r in readers() if str(r) == reader]
        if not found:
            sys.exit(f"chain.py: there is no reader {reader}")
        self.connection = found[0].createConnection()
        self.connection.connect()
        self.steps = {"transmit": self.read, "file-short": lambda: self.read_file(256),
                      "file-extended": lambda: self.read_file(0x8004)}

    def transmit(self, apdu, size):
        data, sw1, sw2 = self.connection.transmit(apdu)
        if (sw1, sw2) != (0x90, 0x00) or (size and len(data) != size):
            sys.exit(f"chain.py: pyscard got {len(data)} bytes and {sw1:02x}{sw2:02x}")
        return data

    def read(self):
        self.transmit([0x00, 0xB0, 0x81, 0x00, 0x10], 16)

    def read_file(self, ne):
        offset = 0
        while offset < 65536:
            field = [0x54, 0x02, offset >> 8, offset & 0xFF]
            if ne > 256:
                apdu = [0x00, 0xB1, 0x00, 0x01, 0x00, 0x00, 0x04] + field + [ne >> 8, ne & 0xFF]
            else:
                apdu = [0x00, 0xB1, 0x00, 0x01, 0x04] + field + [0x00]
            data = self.transmit(apdu, 0)
            header = 4 if data[1] == 0x82 else 3 if data[1] == 0x81 else 2
            offset += len(data) - header

    def measure(self, step, calls):
        run = self.steps[step]
        run()
        start = time.perf_counter_ns()
        for _ in range(calls):
            run()
        return (time.perf_counter_ns() - start) / calls


def median(values):
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def interval(values):
    """The ranks between which the median lies with a probability of 95 %, by the binomial distribution."""
    ordered = sorted(values)
    half = 0.98 * len(ordered) ** 0.5
    low = max(0, int(len(ordered) / 2 - half))
    high = min(len(ordered) - 1, int(len(ordered) / 2 + half))
    return ordered[low], ordered[high]


# Participant, step, letter and text of a row, the row that it is compared with (participant and step), ratio to reach.
ROWS = [
    ("native", "transmit", "a", "SCardTransmit of pcsc-lite, a Linux program", None, None),
    ("32", "transmit", "b", "SCardTransmit of winscard, 32 bits", ("native", "transmit"), None),
    ("32", "transaction", "c", "ISCard::Transaction, 32 bits", ("32", "transmit"), 1.02),
    ("32", "cycle", "d", "the whole cycle, 32 bits", ("32", "transmit"), 1.05),
    ("32", "late", "e", "the cycle late-bound, 32 bits", ("32", "transmit"), None),
    ("32", "late-names", "e", "the same with names looked up, 32 bits", ("32", "transmit"), 1.08),
    ("64", "transmit", "b", "SCardTransmit of winscard, 64 bits", ("native", "transmit"), None),
    ("64", "transaction", "c", "ISCard::Transaction, 64 bits", ("64", "transmit"), 1.02),
    ("64", "cycle", "d", "the whole cycle, 64 bits", ("64", "transmit"), 1.05),
    ("64", "late", "e", "the cycle late-bound, 64 bits", ("64", "transmit"), None),
    ("64", "late-names", "e", "the same with names looked up, 64 bits", ("64", "transmit"), 1.08),
    ("pyscard", "transmit", "g", "pyscard on the host", ("native", "transmit"), None),
    ("native", "file-short", "f", "64 KB in short APDUs, pcsc-lite", None, None),
    ("32", "transmit-file-short", "f", "64 KB in short APDUs, winscard, 32 bits", ("native", "file-short"),
     None),
    ("32", "file-short", "f", "64 KB in short APDUs, ISCard, 32 bits", ("32", "transmit-file-short"), None),
    ("64", "transmit-file-short", "f", "64 KB in short APDUs, winscard, 64 bits", ("native", "file-short"),
     None),
    ("64", "file-short", "f", "64 KB in short APDUs, ISCard, 64 bits", ("64", "transmit-file-short"), None),
    ("pyscard", "file-short", "g", "64 KB in short APDUs, pyscard", ("native", "file-short"), None),
    ("native", "file-extended", "f", "64 KB in extended APDUs, pcsc-lite", None, None),
    ("32", "transmit-file-extended", "f", "64 KB in extended APDUs, winscard, 32 bits", ("native", "file-extended"),
     None),
    ("32", "file-extended", "f", "64 KB in extended APDUs, ISCard, 32 bits", ("32", "transmit-file-extended"), 1.05),
    ("64", "transmit-file-extended", "f", "64 KB in extended APDUs, winscard, 64 bits", ("native", "file-extended"),
     None),
    ("64", "file-extended", "f", "64 KB in extended APDUs, ISCard, 64 bits", ("64", "transmit-file-extended"), 1.05),
    ("pyscard", "file-extended", "g", "64 KB in extended APDUs, pyscard", ("native", "file-extended"), None),
]


def run(participants, rounds):
    times = {row[:2]: [] for row in ROWS if row[0] in participants}
    for done in range(rounds):
        for name in random.sample(list(participants), len(participants)):
            steps = [row[1] for row in ROWS if row[0] == name and ("file" not in row[1] or done % FILE_ROUNDS == 0)]
            for step in random.sample(steps, len(steps)):
                calls = 1 if "file" in step else CALLS
                times[name, step].append(participants[name].measure(step, calls))
        if sys.stderr.isatty():
            print(f"\rround {done + 1} of {rounds} ", end="", file=sys.stderr)
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr)
    return times


def show(times):
    print("| | what | us | beside | ratio | 95 % of it | to reach |")
    print("|---|---|---|---|---|---|---|")
    for name, step, letter, text, beside, limit in ROWS:
        if (name, step) not in times:
            continue
        mine = times[name, step]
        cells = ["", "", "", ""]
        if beside:
            ratios = [x / y for x, y in zip(mine, times[beside])]
            low, high = interval(ratios)
            partner = next(row for row in ROWS if row[:2] == beside)
            cells[0] = partner[2] if "file" not in step else partner[3].split(", ")[1]
            cells[1] = f"{median(ratios):.3f}"
            cells[2] = f"{low:.3f} to {high:.3f}"
            if limit:
                cells[3] = f"<= {limit}: " + ("yes" if high <= limit else "no" if low > limit else "not certain")
        print(f"| {letter} | {text} | {median(mine) / 1000:.1f} | " + " | ".join(cells) + " |")


def main():
    build, reader, rounds, widths = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4:]
    bench = os.path.join(build, "tests", "bench")
    participants = {
        "native": Program(os.path.join(bench, "native"), reader),
        **{width: Program("wine", os.path.join(bench, f"chain{width}.exe"), reader) for width in widths},
        "pyscard": Pyscard(reader),
    }
    show(run(participants, rounds))
    for participant in participants.values():
        if isinstance(participant, Program):
            participant.process.stdin.close()
            if participant.process.wait():
                sys.exit(f"chain.py: {participant.process.args[0]} failed")


main()
