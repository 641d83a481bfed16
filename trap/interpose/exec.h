/* SPDX-License-Identifier: Apache-2.0
 *
 * What start-up asks of the exec family.
 */
#ifndef TRAPLINE_INTERPOSE_EXEC_H
#define TRAPLINE_INTERPOSE_EXEC_H

/* Keeps the variables that make a child run under Trapline, so that it gets them whatever environment the host gives it. */
void exec_remember_environment(void);

/* Puts them back into the environment of this process, if it lacks one. */
void exec_repair_environment(void);

#endif
