// SPDX-License-Identifier: Apache-2.0
// bypass PATH|-: what system calls that no agent sees do with a device's descriptor; `-`: with stdin.
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "raw.h"

static void tell(const char *what, long result)
{
    printf("%s: %s\n", what, result < 0 && result > -4096 ? strerrorname_np((int)-result) : "succeeds");
    fflush(stdout);
}

int main(int argc, char **argv)
{
    char bytes[8] = "1234567", link[64];
    int file = argc == 2 && strcmp(argv[1], "-") != 0 ? open(argv[1], O_RDWR) : 0, pipes[2];
    int other = open("other", O_RDWR | O_CREAT | O_TRUNC, 0600);
    struct iovec piece = {bytes, sizeof bytes};
    if (file < 0 || other < 0 || pipe(pipes) != 0 || write(other, bytes, 8) != 8 || write(pipes[1], bytes, 8) != 8)
        return 2;
    long at = (long)bytes, vector = (long)&piece;
    tell("read", raw(SYS_read, file, at, 8, 0, 0, 0));
    tell("write", raw(SYS_write, file, at, 8, 0, 0, 0));
    tell("pread64", raw(SYS_pread64, file, at, 8, 0, 0, 0));
    tell("pwrite64", raw(SYS_pwrite64, file, at, 8, 0, 0, 0));
    tell("readv", raw(SYS_readv, file, vector, 1, 0, 0, 0));
    tell("writev", raw(SYS_writev, file, vector, 1, 0, 0, 0));
    tell("mmap shared", raw(SYS_mmap, 0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0));
    tell("mmap private", raw(SYS_mmap, 0, 4096, PROT_READ, MAP_PRIVATE, file, 0));
    tell("ftruncate", raw(SYS_ftruncate, file, 4096, 0, 0, 0, 0));
    tell("fallocate", raw(SYS_fallocate, file, 0, 0, 4096, 0, 0));
    tell("sendfile from", raw(SYS_sendfile, other, file, 0, 8, 0, 0));
    tell("sendfile to", raw(SYS_sendfile, file, other, 0, 8, 0, 0));
    tell("splice from", raw(SYS_splice, file, 0, pipes[1], 0, 8, 0));
    tell("splice to", raw(SYS_splice, pipes[0], 0, file, 0, 8, 0));
    tell("copy_file_range from", raw(SYS_copy_file_range, file, 0, other, 0, 8, 0));
    tell("copy_file_range to", raw(SYS_copy_file_range, other, 0, file, 0, 8, 0));
    tell("clone", raw(SYS_ioctl, other, FICLONE, file, 0, 0, 0));
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    if (geteuid() != 0)
        tell("open again", raw(SYS_openat, AT_FDCWD, (long)link, O_RDWR, 0, 0, 0));
    return 0;
}
