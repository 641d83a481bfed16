/* SPDX-License-Identifier: Apache-2.0
 *
 * The law of the fault path. Files on it include this header last, and then can't name what may not run there:
 * the interrupted thread may hold any lock of libc, so nothing that takes one (heap, stdio, locale, dynamic loader,
 * pthread) is allowed, nor anything that the host may have replaced. System calls go through raw_syscall.h.
 */
#ifndef TRAPLINE_SIGNAL_SAFE_H
#define TRAPLINE_SIGNAL_SAFE_H

#pragma GCC poison malloc calloc realloc free aligned_alloc posix_memalign strdup asprintf
#pragma GCC poison printf fprintf dprintf vprintf vfprintf snprintf sprintf vsnprintf puts fputs fwrite fflush perror
#pragma GCC poison fopen fclose getenv setenv strerror dlsym dlopen dladdr
#pragma GCC poison pthread_mutex_lock pthread_once pthread_create exit atexit abort
#pragma GCC poison open openat close read write send recv connect socket mmap munmap mprotect ioctl fcntl poll

#endif
