/**
 * What the agent brings into a foreign process: which libraries, which names. Every name that it exports takes the
 * place of one in libc, so the list is written down here, by family, and has to be changed on purpose.
 */
import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { agent } from '../support/places.js'

const interposed = {
  open: `open open64 openat openat64 creat creat64 __open __open64 __open_2 __open64_2 __openat_2 __openat64_2`,
  stdio: `fopen fopen64 freopen freopen64 fdopen fread fwrite fileno fileno_unlocked __fread_chk setvbuf
    setbuf setbuffer`,
  stat: `stat stat64 lstat lstat64 fstat fstat64 fstatat fstatat64 statx __xstat __xstat64 __lxstat __lxstat64 __fxstat
    __fxstat64 __fxstatat __fxstatat64 access eaccess euidaccess faccessat`,
  links: `readlink readlinkat realpath canonicalize_file_name __readlink_chk __readlinkat_chk __realpath_chk
    chdir getcwd get_current_dir_name __getcwd_chk`,
  directories: `opendir fdopendir closedir readdir readdir64 rewinddir scandir scandir64 glob glob64`,
  descriptors: `close closefrom close_range dup dup2 dup3 ioctl fcntl fcntl64 pidfd_getfd`,
  'locks on files': `flock lockf lockf64`,
  attributes: `getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr setxattr lsetxattr fsetxattr removexattr
    lremovexattr fremovexattr chmod fchmod fchmodat chown fchown lchown
    fchownat utime utimes lutimes futimes futimens utimensat statfs statfs64 fstatfs fstatfs64 statvfs statvfs64
    fstatvfs fstatvfs64 inotify_add_watch`,
  names: `unlink unlinkat remove rename renameat renameat2 link linkat symlink symlinkat mknod mknodat`,
  sizes: `truncate truncate64 ftruncate ftruncate64 fallocate fallocate64 posix_fallocate posix_fallocate64 fsync
    fdatasync sync_file_range`,
  memory: `mmap mmap64 munmap mremap mprotect pkey_mprotect mlock mlock2 munlock`,
  'reading and writing': `read write pread pread64 pwrite pwrite64 readv writev preadv preadv64 preadv2 preadv64v2
    pwritev pwritev64 pwritev2 pwritev64v2 lseek lseek64 sendfile sendfile64 splice copy_file_range __read_chk
    __pread_chk __pread64_chk`,
  sockets: `send sendto sendmsg recv recvfrom recvmsg sendmmsg recvmmsg __recv_chk __recvfrom_chk`,
  'other calls that take buffers': `process_vm_readv process_vm_writev getrandom syscall`,
  'queues of reads and writes': `aio_read aio_read64 aio_write aio_write64 aio_fsync aio_fsync64 aio_cancel
    aio_cancel64 aio_suspend aio_suspend64 lio_listio lio_listio64 io_uring_queue_init io_uring_queue_init_params
    io_uring_queue_init_mem io_submit`,
  signals: `sigaction signal bsd_signal sysv_signal __sysv_signal sigset sighold sigrelse sigignore sigblock sigsetmask
    sigprocmask pthread_sigmask sigsuspend sigpending pthread_attr_setsigmask_np setcontext swapcontext
    pthread_cancel signalfd`,
  waiting: `poll ppoll select pselect epoll_ctl epoll_wait epoll_pwait epoll_pwait2 __poll_chk __ppoll_chk`,
  sleeping: `nanosleep clock_nanosleep usleep sleep thrd_sleep sched_yield thrd_yield`,
  time: `clock_gettime timespec_get gettimeofday time`,
  timers: `alarm ualarm getitimer setitimer timer_create timer_settime timer_gettime timer_getoverrun timer_delete
    timerfd_create timerfd_settime timerfd_gettime`,
  'locks with timeouts': `pthread_cond_timedwait pthread_cond_clockwait pthread_mutex_timedlock pthread_mutex_clocklock
    sem_timedwait sem_clockwait pthread_rwlock_timedrdlock pthread_rwlock_timedwrlock pthread_rwlock_clockrdlock
    pthread_rwlock_clockwrlock pthread_timedjoin_np pthread_clockjoin_np cnd_timedwait mtx_timedlock`,
  'waiting for signals': `pause sigtimedwait sigwait sigwaitinfo`,
  'the time-stamp counter': `prctl pthread_create getaddrinfo_a`,
  programs:
    `execl execle execlp execv execve execveat execvp execvpe fexecve posix_spawn posix_spawnp system ` +
    `popen wordexp`,
  'I/O ports': `ioperm iopl`,
  'what unwinders ask': `_dl_find_object`,
  'our own, for programs that link against the agent': `trapline_map trapline_watch trapline_unwatch`,
}

/** Only where libc has them, from 2.39 on. */
const ofNewerLibc = ['pidfd_spawn', 'pidfd_spawnp']

function objdump(flag: string): string[] {
  return execFileSync('objdump', [flag, agent], { encoding: 'utf8' }).split('\n')
}

it('needs libc only', () => {
  const needed = objdump('-p').flatMap((line) => /^ +NEEDED +(\S+)/.exec(line)?.[1] ?? [])
  expect(needed.filter((name) => !name.startsWith('ld-linux'))).toEqual(['libc.so.6'])
})

it('exports the interposed names and nothing else', () => {
  const exported = objdump('-T').flatMap((line) => /^[0-9a-f]+ [gwu].*\s(\S+)$/.exec(line)?.[1] ?? [])
  expect(exported.filter((name) => !ofNewerLibc.includes(name)).sort()).toEqual(
    Object.values(interposed).join(' ').split(/\s+/).sort(),
  )
})

it('binds everything at load time, never in the handler', () => {
  const flags = execFileSync('readelf', ['-d', agent], { encoding: 'utf8' })
  expect(flags).toMatch(/\(FLAGS_1\).*\bNOW\b/)
})

it('no page is both writable and executable', () => {
  const headers = execFileSync('readelf', ['-lW', agent], { encoding: 'utf8' })
  expect(headers).not.toMatch(/RWE/)
})

it('is small, beside Zydis, of which no process touches anything that decodes nothing', () => {
  const sections = execFileSync('size', ['-A', agent], { encoding: 'utf8' })
  const sizeOf = (name: string) => Number(new RegExp(`^${name} +(\\d+)`, 'm').exec(sections)?.[1])
  const [, text, data, bss] = /(\d+)\s+(\d+)\s+(\d+)/.exec(execFileSync('size', [agent], { encoding: 'utf8' })) ?? []
  expect(Number(text) + Number(data) + Number(bss) - sizeOf('.zydis')).toBeLessThan(2 * 2 ** 20)
})
