/** What a program opens that reads and writes I/O ports as a file. */
export const portsPath = '/dev/port'
