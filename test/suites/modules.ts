/** Modules of CPython's tests that ask something of the system. */
import type { Part } from './python-suite.js'

const names = [
  // Processes and signals.
  ...[
    'signal',
    'threadsignals',
    'subprocess',
    'popen',
    'fork1',
    'wait3',
    'wait4',
    'eintr',
    'file_eintr',
    'faulthandler',
  ],
  ...['multiprocessing_fork', 'multiprocessing_spawn', 'multiprocessing_forkserver', 'multiprocessing_main_handling'],
  ...[
    'concurrent_futures',
    'atexit',
    'cmd_line',
    'cmd_line_script',
    'script_helper',
    'c_locale_coercion',
    'runpy',
    'pdb',
  ],
  // Files and memory.
  ...['os', 'posix', 'io', 'fileio', 'file', 'bufio', 'memoryio', 'mmap', 'fcntl', 'stat', 'fileutils', 'fileinput'],
  ...[
    'tempfile',
    'threadedtempfile',
    'shutil',
    'pathlib',
    'posixpath',
    'genericpath',
    'glob',
    'linecache',
    'largefile',
  ],
  ...[
    'dbm',
    'dbm_dumb',
    'dbm_gnu',
    'dbm_ndbm',
    'shelve',
    'sqlite3',
    'mailbox',
    'tarfile',
    'zipfile',
    'gzip',
    'bz2',
    'lzma',
  ],
  // Waiting and time.
  ...['select', 'selectors', 'poll', 'epoll', 'asyncio', 'asyncore', 'asynchat', 'time', 'timeit', 'sched', 'queue'],
  ...['thread', 'threading', 'threading_local'],
  // Terminals, users, limits, the machine.
  ...['pty', 'openpty', 'ioctl', 'readline', 'pwd', 'grp', 'spwd', 'resource', 'syslog', 'platform', 'uuid', 'locale'],
  // The network of this machine.
  ...['socket', 'ssl', 'ftplib', 'smtplib', 'poplib', 'imaplib', 'telnetlib', 'httpservers', 'xmlrpc', 'docxmlrpc'],
  ...['urllib2_localnet', 'wsgiref', 'logging'],
  // Libraries in C, and Python itself.
  ...['ctypes', 'capi', 'gdb', 'tracemalloc', 'gc', 'weakref', 'sys', 'site', 'support', 'audit', 'hashlib'],
]

export const modules: Part[] = [
  ...names.map((name) => ({ module: `test_${name}` })),
  { module: 'test_socketserver', hasServers: true },
]
