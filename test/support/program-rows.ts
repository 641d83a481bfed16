/** What stands in the table of docs/programs.md, by the begin of its rows, and the tests that each is held by. */

/** File, and a title in it. */
type Held = [file: string, title: string]

const matrix = (kind: string): Held => ['e2e/matrix.test.ts', kind]

export const heldRows: Record<string, Held[]> = {
  'C, C++, Rust': [
    ...['C++, streams', 'Rust, standard library', 'Rust, ${crate}', 'Python, asyncio', 'Python, ctypes'],
    ...['Python, cffi', 'Python, numpy', 'Perl', 'Ruby, Fiddle', 'LuaJIT', 'Node, koffi', 'Java', '.NET', 'Mono'],
    ...['bash', 'busybox', 'coreutils', 'GNU awk', 'xxd'],
  ].map(matrix),
  'code of 32 bits in a 64-bit program': [['trap/instruction-forms.test.ts', 'as 32-bit code']],
  'standard input and output': [['e2e/past-libc.test.ts', 'is read by programs from their standard input']],
  'Go with cgo': [matrix('Go with cgo')],
  'static programs, musl, Go without cgo': ['C, static', 'C with musl', 'Go without cgo'].map(matrix),
  'programs of 32 bits': [
    ['e2e/programs32.test.ts', 'makes accesses of every width'],
    ['e2e/entered.test.ts', 'of 32 bits'],
    matrix('32-bit x86'),
  ],
  'programs for ARM': [...['64-bit ARM', '32-bit ARM', 'RISC-V'].map(matrix)],
  'programs that use I/O ports': [
    ['e2e/io-ports.test.ts', 'inb, outb and their kin make one access each'],
    ['e2e/io-ports.test.ts', 'isadump shows what isaset has put there'],
    ['e2e/io-ports.test.ts', 'superiotool knows the chip'],
    ['e2e/io-ports.test.ts', 'nvramtool -x shows the memory'],
    ['e2e/io-ports.test.ts', 'lspci finds devices by mechanism 1'],
    ['e2e/io-ports.test.ts', 'as nobody'],
  ],
  'setuid, setgid, file capabilities': [['e2e/programs-refused.test.ts', 'setuid']],
  'libraries that make system calls': [
    ['e2e/past-libc.test.ts', 'of a library that came with the program'],
    ['e2e/past-libc.test.ts', 'of a library that it loads'],
    ['e2e/past-libc.test.ts', 'that make system calls by instructions of their own'],
    ['e2e/late-code.test.ts', 'that the program loads, also when it has gone and comes again'],
    ['e2e/late-code.test.ts', 'that another one loads from where it lies itself'],
  ],
  '`dlmopen`': [
    ['e2e/late-code.test.ts', 'reaches the device'],
    ['e2e/late-code.test.ts', 'starts threads and programs'],
  ],
  'code that is made at run time': [
    ['e2e/late-code.test.ts', 'that can be written and run'],
    ['e2e/late-code.test.ts', 'that is shut before it runs'],
    ['e2e/late-code.test.ts', 'in places without number ends with a line'],
  ],
  'threads that libc itself has started': [
    ['e2e/device-files.test.ts', 'of libc wait for an interrupt'],
    ['e2e/device-files.test.ts', 'of libc on other files, whose numbers are beside a device'],
    ['e2e/device-files.test.ts', 'and threads of timers are libc threads with all signals blocked'],
  ],
  'io_uring, io_submit': [
    ['e2e/device-files.test.ts', 'by rings are refused, with a line'],
    ['e2e/device-files.test.ts', 'of the kernel fail as on a device of registers, with a line'],
  ],
}

/** What the net does not see, which no test can show to be safe. */
export const unheldRows = ['what runs before all constructors']
