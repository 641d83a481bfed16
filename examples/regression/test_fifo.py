# The same regression as pytest runs it: `pytest`. Tests in any language swap models by flags, or by TRAPLINE_MODEL and
# TRAPLINE_SET in the environment.
import os
import subprocess

import pytest


@pytest.fixture(scope="session", autouse=True)
def driver():
    subprocess.run(["gcc", "-g", "-o", "fifo_test", "fifo_test.c"], check=True)


def trapline(*flags, **variables):
    command = ["npx", "trapline", "run", *flags, "--", "./fifo_test"]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, **variables})


@pytest.mark.parametrize("model", ["fifo", "fifo_small", "fifo_bad"])
def test_self_test_passes(model):
    run = trapline("--model", f"fifo={model}", "--results", "trapline-results")
    assert run.returncode == 0, run.stderr


def test_other_parameters():
    run = trapline(TRAPLINE_MODEL="fifo=fifo_small", TRAPLINE_SET="Depth=8")
    assert run.stdout == "8 words went through\n", run.stderr
