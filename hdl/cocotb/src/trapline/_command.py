# SPDX-License-Identifier: Apache-2.0
"""Where the command line `trapline` is, for those parts of the package that start it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

VARIABLE = 'TRAPLINE'


class CommandNotFound(Exception):
    """There is no `trapline` to start; the words say where it was looked for."""


def find_command(environment: Mapping[str, str] | None = None, folder: Path | None = None) -> list[str]:
    """The words that start `trapline`; arguments follow them.

    The first of: the variable TRAPLINE (path of the command, or of its `main.js`), `node_modules/.bin` of the folder
    and those above it, a checkout that the folder lies in, PATH, the checkout that this package is part of.

    :param environment: where TRAPLINE and PATH are looked up; that of this process when absent
    :param folder: where the search begins; the current one when absent
    :raises CommandNotFound: if there is none
    """
    variables = os.environ if environment is None else environment
    named = variables.get(VARIABLE)
    if named:
        return _named(named)
    for above in _upwards(folder or Path.cwd()):
        found = _in_folder(above)
        if found:
            return found
    on_path = shutil.which('trapline', path=variables.get('PATH'))
    if on_path:
        return [on_path]
    found = next(filter(None, map(_in_folder, _upwards(Path(__file__).resolve().parent))), None)
    if found:
        return found
    raise CommandNotFound(
        'the command trapline was not found, neither in node_modules/.bin of this folder and those above it nor on '
        f'PATH; set {VARIABLE} to its path, or to build/bridge/main.js of a checkout that has been built'
    )


def _named(path: str) -> list[str]:
    if not Path(path).is_file():
        raise CommandNotFound(f'{VARIABLE} is {path}, and there is no such file; set it to the path of trapline')
    if path.endswith('.js'):
        return ['node', path]
    if not os.access(path, os.X_OK):
        raise CommandNotFound(f"{VARIABLE} is {path}, which can't be executed; set it to the path of trapline")
    return [path]


def _upwards(folder: Path) -> Iterator[Path]:
    yield folder
    yield from folder.parents


def _in_folder(folder: Path) -> list[str] | None:
    installed = folder / 'node_modules/.bin/trapline'
    if os.access(installed, os.X_OK):
        return [str(installed)]
    main = folder / 'build/bridge/main.js'
    return ['node', str(main)] if main.is_file() and _is_checkout(folder) else None


def _is_checkout(folder: Path) -> bool:
    try:
        return bool(json.loads((folder / 'package.json').read_text(encoding='utf-8'))['name'] == 'trapline')
    except (OSError, ValueError, KeyError, TypeError):
        return False
