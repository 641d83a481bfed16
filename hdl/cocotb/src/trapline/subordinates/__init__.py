# SPDX-License-Identifier: Apache-2.0
"""What answers the manager ports of the design out of host memory."""
