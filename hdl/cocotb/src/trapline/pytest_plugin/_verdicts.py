# SPDX-License-Identifier: Apache-2.0
"""Files of results as `trapline report` reads them (format trapline-result-1): a mark while a test runs, its verdict as
soon as that is known, evidence beside it afterwards. Several workers may write at once; files appear whole."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import uuid
from pathlib import Path
from typing import Any

#: Says that a folder is ours to empty.
MARKER = '.trapline-results'
_ENDING = '.result.json'
_GOOD = ('passed', 'flaky', 'skipped')

Result = dict[str, Any]


class ResultsError(Exception):
    """Results can't be written where they should be."""


def make_directory(directory: Path) -> None:
    """Makes it, and empties what a regression before has left.

    :raises ResultsError: rather than remove files that are not ours
    """
    if directory.is_dir() and any(directory.iterdir()) and not (directory / MARKER).exists():
        raise ResultsError(f'{directory} holds other files; name another folder for the results')
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    (directory / MARKER).touch()


def folder_name(suite: str, test: str) -> str:
    """Readable, and different for different tests."""
    digest = hashlib.sha256(f'{suite}\n{test}'.encode()).hexdigest()[:8]
    stem = re.sub(r'\.\w+$', '', suite.rsplit('/', 1)[-1], flags=re.ASCII)
    words = re.sub(r'[^\w.-]+', '-', f'{stem} {test}', flags=re.ASCII)[:80]
    return f'{words}-{digest}'


class Verdict:
    """The files of one test.

    :param directory: of the results
    :param name: of the test's files, as `folder_name` makes it
    :param keeps: results of the same name are kept (a regression empties its folder itself); else they are replaced
    """

    def __init__(self, directory: Path, name: str, *, keeps: bool) -> None:
        self.directory = directory
        self.name = name
        self._keeps = keeps
        self._run = uuid.uuid4().hex[:8]
        self._mark: Path | None = None
        self._folder: Path | None = None
        self._good: Path | None = None

    def begin(self, facts: Result) -> None:
        """From now on a test that leaves no verdict is an error."""
        self._mark = self.directory / f'{self.name}.{self._run}{_ENDING}'
        _write(self._mark, {**facts, 'status': 'begun', 'durationMs': 0, 'run': self._run})

    def write(self, result: Result) -> None:
        """Writes the verdict, or a better one over it. What did not pass once has a folder, and stays there."""
        whole = {**result, 'run': self._run}
        if self._folder is None and result['status'] in _GOOD:
            self._good = self.directory / f'{self.name}{_ENDING}'
            _write(self._good, whole)
        else:
            _write(self.folder / f'{self.name}{_ENDING}', whole)
            if self._good:
                self._good.unlink(missing_ok=True)
        self.end()

    @property
    def folder(self) -> Path:
        """Of the result that is bad, and of its evidence; is made."""
        if self._folder is None:
            self._folder = self._claim()
        return self._folder

    def end(self) -> None:
        """Takes the mark away."""
        if self._mark:
            self._mark.unlink(missing_ok=True)
            self._mark = None

    def _claim(self) -> Path:
        """A folder that no other run of this name has."""
        first = self.directory / self.name
        if not self._keeps:
            first.mkdir(parents=True, exist_ok=True)
            return first
        count = 1
        while True:
            folder = first if count == 1 else first.with_name(f'{first.name}-{count}')
            try:
                folder.mkdir(parents=True)
            except FileExistsError:
                count += 1
            else:
                return folder


def _write(file: Path, result: Result) -> None:
    beside = file.with_name(f'{file.name}.{os.getpid()}')
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(json.dumps({'format': 'trapline-result-1', **result}, indent=2) + '\n', encoding='utf-8')
        beside.replace(file)
    except OSError as error:
        raise ResultsError(f"the result can't be written to {file.parent} ({error.strerror})") from error
    finally:
        beside.unlink(missing_ok=True)
