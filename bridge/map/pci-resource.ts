/**
 * The PCI device that a file of a real device belongs to, as sysfs has it (kernel
 * Documentation/ABI/testing/sysfs-bus-pci).
 */
import { readFileSync, readlinkSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

export interface PciResource {
  /** Physical address of the first byte of the file. */
  start: bigint
  /** As mmiotrace has the device (kernel/trace/trace_mmiotrace.c, mmio_print_pcidev). */
  record: string
}

/** BAR 0 to 5 and the expansion ROM. */
const mostRegions = 7
/** The low bits of a base address register, which mmiotrace adds to the address (PCI_REGION_FLAG_MASK). */
const flagBits = 0xfn

interface Bar {
  start: bigint
  end: bigint
  flags: bigint
}

/** Undefined for a file that is no `resourceN` of a PCI device. */
export function readPciResource(realPath: string): PciResource | undefined {
  const [, bus, device = '', kernelFunction = ''] =
    /\/\w{4,}:(\w\w):(\w\w)\.(\d)\/resource\d(?:_wc)?$/.exec(realPath) ?? []
  if (bus === undefined) return undefined
  const folder = dirname(realPath)
  const regions = readRegions(folder)
  const region = regions[Number(/resource(\d)/.exec(basename(realPath))?.[1])]
  if (!region) return undefined
  const number = (name: string) => Number(readFileSync(join(folder, name), 'utf8'))
  const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0')
  const slot = hex((Number.parseInt(device, 16) << 3) | Number(kernelFunction), 2)
  const starts = regions.map(({ start, flags }) => (start | (flags & flagBits)).toString(16))
  const lengths = regions.map(({ start, end }) => (start < end ? end - start + 1n : 0n).toString(16))
  const ids = `${hex(number('vendor'), 4)}${hex(number('device'), 4)} ${number('irq').toString(16)}`
  const record = ['PCIDEV', `${bus}${slot}`, ids, ...starts, ...lengths, driverOf(folder)].join(' ')
  return { start: region.start, record }
}

/** Lines of three numbers each. */
function readRegions(folder: string): Bar[] {
  const lines = readFileSync(join(folder, 'resource'), 'utf8').split('\n').slice(0, mostRegions)
  return lines.map((line) => {
    const [start = 0n, end = 0n, flags = 0n] = line.split(' ').filter(Boolean).map(BigInt)
    return { start, end, flags }
  })
}

/** Empty where it has none. */
function driverOf(folder: string): string {
  try {
    return basename(readlinkSync(join(folder, 'driver')))
  } catch {
    return ''
  }
}
