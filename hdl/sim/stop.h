// SPDX-License-Identifier: Apache-2.0
//
// Being asked to stop from outside. SIGTERM looks like the end of the link: the receiving half is shut down, so a
// receive that waits, or is about to, returns at once. SIGINT is the bridge's to decide.

#pragma once

void install_stop_signals(int link_fd);

bool stop_requested();
