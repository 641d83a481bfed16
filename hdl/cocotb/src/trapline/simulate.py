# SPDX-License-Identifier: Apache-2.0
"""Builds and runs a simulation for Trapline's bridge, by cocotb's runner.

``python -m trapline.simulate build SPEC.json`` compiles RTL, ``python -m trapline.simulate run SPEC.json`` runs a
cocotb test on what was compiled. Both end as the simulator's command ended: with its exit status, or by its signal.

A specification is a JSON object; its paths are absolute:

=============  ==================================================================================================
``simulator``  as cocotb's runner calls it
``top``        name of the top module or entity
``language``   of the top: ``verilog`` or ``vhdl``
``buildDir``   where compiled RTL lies; only ``build`` writes into it
``sources``    files in compile order, and ``includes``, ``defines``, ``parameters``, ``buildArgs`` for their compiler
``waves``      of ``build``: whether a waveform can be written; of ``run``: its file, or null
``module``     of ``run``: the Python module with the tests, ``path`` the folders in which it is looked for
``test``       of ``run``: name of the only test that runs, or null
``directory``  of ``run``: the working directory, where ``$readmemh`` looks for its files
``results``    of ``run``: takes cocotb's results as XML; ``verdict`` says as JSON how many tests that
               tells of, null if there is none, and which failed
``seed``       of ``run``: of cocotb's random numbers
``testArgs``   of ``run``: more arguments for the simulator
=============  ==================================================================================================
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

Spec = dict[str, Any]

#: What clocks of picoseconds need, where RTL says nothing else.
TIMESCALE = ("1ns", "1ps")
#: Simulators that read VHDL take it from the language; these also want to be told which VHDL it is.
VHDL_STANDARD = {"ghdl": "--std=08", "nvc": "--std=2008"}


class Commands:
    """Watches the commands that cocotb's runner starts: hands SIGTERM on to them, and knows how the last one ended."""

    def __init__(self) -> None:
        self.status: int | None = None
        self._run = subprocess.run

    def watch(self) -> None:
        """From now on."""
        subprocess.run = self._run_watched
        signal.signal(signal.SIGTERM, self._hand_on)

    def end(self) -> None:
        """Ends this process as the last command ended."""
        status = self.status if self.status is not None else 1
        if status < 0:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            _without_core()
            os.kill(os.getpid(), -status)
        sys.stdout.flush()
        os._exit(status if status > 0 else 0)

    def _run_watched(self, *args: Any, **options: Any) -> subprocess.CompletedProcess[Any]:
        result = self._run(*args, **options)
        self.status = result.returncode
        return result

    def _hand_on(self, _signal: int, _frame: object) -> None:
        # The group is our own: the bridge starts us in a session that nobody else is in.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.killpg(0, signal.SIGTERM)


def _without_core() -> None:
    """The core of what crashed is there; a second one of this process would only hide it."""
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def build(spec: Spec, runner: Any) -> None:
    """Compiles into ``buildDir``."""
    is_verilog = spec["language"] == "verilog"
    runner.build(
        sources=[_tagged(source) for source in spec["sources"]],
        includes=spec["includes"],
        defines=spec["defines"],
        parameters=spec["parameters"],
        build_args=_build_args(spec),
        hdl_toplevel=spec["top"],
        build_dir=spec["buildDir"],
        always=True,
        waves=bool(spec["waves"]) and spec["simulator"] in ("icarus", "verilator"),
        **({"timescale": TIMESCALE} if is_verilog else {}),
    )


def run(spec: Spec, runner: Any) -> None:
    """Runs the tests of ``module`` on what ``build`` has compiled."""
    sys.path[:0] = spec["path"]
    # Some runners look up with what arguments they have compiled.
    runner.build_args = _build_args(spec)
    runner.test(
        test_module=spec["module"],
        hdl_toplevel=spec["top"],
        hdl_toplevel_lang=spec["language"],
        test_filter=_filter_of(spec["test"]),
        seed=spec["seed"],
        parameters=spec["parameters"],
        build_dir=spec["buildDir"],
        test_dir=spec["directory"],
        results_xml=spec["results"],
        test_args=_test_args(spec),
        **_waves(spec),
    )


def _filter_of(test: str | None) -> str | None:
    """The test of exactly this name: as a `testcase`, cocotb takes all whose names end so."""
    return None if test is None else rf"\.{re.escape(test)}$"


def _tagged(source: str) -> Any:
    """Files whose ending says nothing are what the runner's tag says."""
    from cocotb_tools import runner

    if source.lower().endswith((".vhd", ".vhdl")):
        return runner.VHDL(source)
    # cocotb 2.0 has no tag of its own for configuration files, and hands them to Verilator all the same.
    tag = getattr(runner, "VerilatorControlFile", runner.Verilog) if source.endswith(".vlt") else runner.Verilog
    return tag(source)


def _build_args(spec: Spec) -> list[str]:
    args: list[str] = list(spec["buildArgs"])
    standard = VHDL_STANDARD.get(spec["simulator"])
    if standard and not any(arg.startswith("--std=") for arg in args):
        args.insert(0, standard)
    if spec["simulator"] == "verilator":
        # Warnings are the author's business, as in a model of Verilator alone.
        args[:0] = ["-Wno-fatal", *(["--trace-fst"] if spec["waves"] else [])]
    return args


def _test_args(spec: Spec) -> list[str]:
    args: list[str] = list(spec["testArgs"])
    if spec["simulator"] == "icarus":
        # A $stop ends it: there is nobody at its prompt, and it would go on.
        return ["-n", *args]
    if spec["simulator"] != "ghdl":
        return args
    # GHDL elaborates anew at each run, in whatever folder that is, so it must be told again where and what it compiled.
    own = [f"--workdir={spec['buildDir']}", f"-P{spec['buildDir']}"]
    return [*own, *(arg for arg in _build_args(spec) if arg.startswith("--std=")), *args]


def _waves(spec: Spec) -> dict[str, Any]:
    """Arguments of ``Runner.test`` with which a simulator writes its waveform where it was asked to."""
    file, simulator = spec["waves"], spec["simulator"]
    if not file:
        return {"waves": False}
    ways: dict[str, dict[str, Any]] = {
        "icarus": {"waves": True, "plusargs": [f"+dumpfile_path={file}"]},
        "verilator": {"waves": True, "plusargs": ["--trace-file", file]},
        "ghdl": {"waves": False, "plusargs": [f"--fst={file}"]},
        "nvc": {"waves": False, "plusargs": ["--format=fst", f"--wave={file}"]},
    }
    return ways[simulator]


def _write_verdict(results: str, verdict: str) -> bool:
    """True if all tests came to their ends, and none failed; what cocotb's XML says, for a reader that has none."""
    failed = []
    cases = list(ElementTree.parse(results).iter("testcase")) if Path(results).exists() else None
    for case in cases or []:
        for fault in [*case.findall("failure"), *case.findall("error")]:
            failed.append(
                {
                    "test": case.get("name", ""),
                    "type": fault.get("error_type") or fault.get("type") or "",
                    "message": _in_one_line(fault.get("error_msg") or fault.get("message") or fault.text or ""),
                }
            )
    count = None if cases is None else len(cases)
    Path(verdict).write_text(json.dumps({"tests": count, "failed": failed}), encoding="utf-8")
    return bool(cases) and not failed


def _in_one_line(message: str) -> str:
    """cocotb writes the ends of lines as backslashes."""
    return " ".join(message.replace("\\n", "\n").split())


def main(arguments: list[str]) -> None:
    """The command line."""
    verb, file = arguments
    spec: Spec = json.loads(Path(file).read_text(encoding="utf-8"))
    from cocotb_tools.runner import get_runner

    commands = Commands()
    runner = get_runner(spec["simulator"])
    commands.watch()
    try:
        (build if verb == "build" else run)(spec, runner)
    except (RuntimeError, SystemExit, subprocess.CalledProcessError):
        # How a command ended is known; what did not come so far is for whoever reads the output.
        if not commands.status:
            raise
    has_passed = verb == "build" or _write_verdict(spec["results"], spec["verdict"])
    if not has_passed and commands.status in (None, 0, -signal.SIGTERM):
        # Simulators end well, whatever their test has found; so do those that were asked to end.
        commands.status = 1
    commands.end()


if __name__ == "__main__":
    main(sys.argv[1:])
