# SPDX-License-Identifier: Apache-2.0
"""Where the command line is looked for, and in which order."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from real_trapline import COMMAND, ROOT
from trapline._command import CommandNotFound, find_command


def make_program(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('#!/bin/sh\n')
    path.chmod(0o755)
    return str(path)


def test_the_variable_comes_first_then_the_project_then_path(tmp_path: Path) -> None:
    named = make_program(tmp_path / 'named')
    installed = make_program(tmp_path / 'project/node_modules/.bin/trapline')
    on_path = make_program(tmp_path / 'bin/trapline')
    below = tmp_path / 'project/test/deep'
    below.mkdir(parents=True)
    variables = {'PATH': str(tmp_path / 'bin'), 'TRAPLINE': named}
    assert find_command(variables, below) == [named]
    del variables['TRAPLINE']
    assert find_command(variables, below) == [installed]
    assert find_command(variables, tmp_path) == [on_path]


def test_a_checkout_is_known_by_its_package(tmp_path: Path) -> None:
    main = tmp_path / 'build/bridge/main.js'
    main.parent.mkdir(parents=True)
    main.touch()
    package = tmp_path / 'package.json'
    package.write_text(json.dumps({'name': 'other'}))
    assert find_command({'PATH': ''}, tmp_path) == COMMAND
    package.write_text(json.dumps({'name': 'trapline'}))
    assert find_command({'PATH': ''}, tmp_path) == ['node', str(main)]


def test_that_of_this_checkout_is_found_from_anywhere() -> None:
    assert find_command({'PATH': ''}, Path('/')) == COMMAND
    assert find_command({'PATH': ''}, ROOT / 'examples/regression') == COMMAND


def test_main_js_is_for_node(tmp_path: Path) -> None:
    (tmp_path / 'main.js').touch()
    assert find_command({'TRAPLINE': str(tmp_path / 'main.js')}) == ['node', str(tmp_path / 'main.js')]


def test_what_does_not_work_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CommandNotFound, match=r'^TRAPLINE is /nowhere, and there is no such file; set it'):
        find_command({'TRAPLINE': '/nowhere'})
    (tmp_path / 'plain').touch()
    with pytest.raises(CommandNotFound, match=r"plain, which can't be executed; set it to the path of trapline$"):
        find_command({'TRAPLINE': str(tmp_path / 'plain')})
