/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers of system calls that are newer than the oldest headers of the kernel that we build with: the same in all
 * tables (kernel scripts/syscall.tbl).
 */
#ifndef TRAPLINE_NET_NEW_CALLS_H
#define TRAPLINE_NET_NEW_CALLS_H

#ifndef __NR_fchmodat2
#define __NR_fchmodat2 452
#endif
#ifndef SYS_fchmodat2
#define SYS_fchmodat2 __NR_fchmodat2
#endif
#ifndef __NR_setxattrat
#define __NR_setxattrat 463
#endif
#ifndef SYS_setxattrat
#define SYS_setxattrat __NR_setxattrat
#endif
#ifndef __NR_getxattrat
#define __NR_getxattrat 464
#endif
#ifndef SYS_getxattrat
#define SYS_getxattrat __NR_getxattrat
#endif
#ifndef __NR_listxattrat
#define __NR_listxattrat 465
#endif
#ifndef SYS_listxattrat
#define SYS_listxattrat __NR_listxattrat
#endif
#ifndef __NR_removexattrat
#define __NR_removexattrat 466
#endif
#ifndef SYS_removexattrat
#define SYS_removexattrat __NR_removexattrat
#endif
#ifndef __NR_file_getattr
#define __NR_file_getattr 468
#endif
#ifndef SYS_file_getattr
#define SYS_file_getattr __NR_file_getattr
#endif
#ifndef __NR_file_setattr
#define __NR_file_setattr 469
#endif
#ifndef SYS_file_setattr
#define SYS_file_setattr __NR_file_setattr
#endif

#endif
