# SPDX-License-Identifier: Apache-2.0
"""Serves accesses of production software to RTL in a cocotb simulation."""

from __future__ import annotations

__version__ = '0.1.0'
