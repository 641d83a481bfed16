/* SPDX-License-Identifier: Apache-2.0
 *
 * TRAPLINE_VERSION comes from package.json, by way of the Makefile.
 */
#ifndef TRAPLINE_VERSION_H
#define TRAPLINE_VERSION_H

#ifndef TRAPLINE_VERSION
#error "TRAPLINE_VERSION is not defined; build with trap/Makefile"
#endif

#endif
