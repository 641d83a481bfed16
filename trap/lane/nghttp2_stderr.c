/* SPDX-License-Identifier: Apache-2.0
 *
 * nghttp2 names stderr in a debugging function that nobody calls. Its static library can't refer to libc's variable
 * from inside a shared library, so it gets this one; hidden, so that nobody else does. Don't include <stdio.h> here.
 */
void *stderr;
