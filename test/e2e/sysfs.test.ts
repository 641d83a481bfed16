/** Devices in /sys as the kernel has them: links, numbers, and the machine's own beside them. */
import { readdirSync, readlinkSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { sampleModel } from '../support/configs.js'
import { makeScratch } from '../support/scratch.js'
import { runHost } from '../support/trapline.js'
import { hasProgram } from '../support/drivers.js'

const config: TraplineConfig = {
  models: { ram: sampleModel('axil_ram', { AddrWidth: 13, Depth: 1024 }) },
  devices: {
    uio7: { kind: 'uio', index: 7, name: 'my-dma', maps: [{ size: 0x1000, base: '0x43c00000' }], model: 'ram' },
    udmabuf3: { kind: 'u-dma-buf', size: 0x1000 },
  },
}
const parent = '/sys/devices/platform/43c00000.my-dma'
const folder = `${parent}/uio/uio7`

async function tell(...lines: string[]): Promise<string[]> {
  const { stdout, stderr } = await runHost(makeScratch(), config, ['bash', '-c', lines.join('\n')])
  expect(stderr.replaceAll(/^trapline: .*\n/gm, '')).toBe('')
  return stdout.trimEnd().split('\n')
}
const python = (...lines: string[]) => tell(`exec python3 - <<'EOF'`, ...lines, 'EOF')

describe('a UIO device', () => {
  it('is a link in its class, at its number, on its bus and at its driver', async () => {
    const links = [
      '/sys/class/uio/uio7',
      '/sys/dev/char/240:7',
      `${folder}/device`,
      `${folder}/subsystem`,
      `${parent}/driver`,
      '/sys/bus/platform/devices/43c00000.my-dma',
    ]
    const lines = links.flatMap((link) => [`readlink ${link}`, `readlink -f ${link}`])
    expect(await tell('ls -l /sys/class/uio/ | cut -d" " -f1,9-', ...lines)).toEqual([
      expect.stringMatching(/^total/),
      expect.stringMatching(/^l.* uio7 -> \.\.\/\.\.\/devices\/platform\/43c00000\.my-dma\/uio\/uio7$/),
      ...['../../devices/platform/43c00000.my-dma/uio/uio7', folder],
      ...['../../devices/platform/43c00000.my-dma/uio/uio7', folder],
      ...['../../../43c00000.my-dma', parent],
      ...['../../../../../class/uio', '/sys/class/uio'],
      ...['../../../bus/platform/drivers/uio_pdrv_genirq', '/sys/bus/platform/drivers/uio_pdrv_genirq'],
      ...['../../../devices/platform/43c00000.my-dma', parent],
    ])
  })

  it('has the numbers that stat says, and tells udev of itself', async () => {
    const lines = ['stat -c %Hr:%Lr /dev/uio7', 'cd /sys/class/uio/uio7; cat dev uevent device/uevent power/control']
    expect(await tell(...lines)).toEqual([
      ...['240:7', '240:7', 'MAJOR=240', 'MINOR=7', 'DEVNAME=uio7'],
      ...['DRIVER=uio_pdrv_genirq', 'MODALIAS=platform:uio_pdrv_genirq', 'auto'],
    ])
  })

  it.skipIf(!hasProgram('udevadm'))('is found by udevadm', async () => {
    expect(await tell('udevadm info -q path -n /dev/uio7', 'udevadm info -q property -p /sys/class/uio/uio7')).toEqual([
      folder.replace('/sys', ''),
      ...[`DEVPATH=${folder.replace('/sys', '')}`, 'DEVNAME=/dev/uio7', 'MAJOR=240', 'MINOR=7', 'SUBSYSTEM=uio'],
    ])
  })

  it('is what it is by every way to look', async () => {
    expect(
      await python(
        'import os, stat',
        'top = os.open("/sys/class/uio", os.O_RDONLY)',
        'for e in os.scandir("/sys/class/uio"):',
        '  print(e.name, e.is_symlink(), e.is_dir(), e.is_dir(follow_symlinks=False))',
        'print(os.listdir(top), os.readlink("uio7", dir_fd=top), stat.S_ISLNK(os.lstat("uio7", dir_fd=top).st_mode))',
        'print(os.path.realpath("/sys/class/uio/uio7/device"))',
        'print(os.path.samestat(os.stat("/sys/class/uio/uio7"), os.stat("uio7", dir_fd=top)))',
        'os.chdir("/sys/class/uio/uio7/device")',
        'print(os.getcwd(), open("uio/uio7/name").read().strip(), os.path.samefile("..", "/sys/devices/platform"))',
      ),
    ).toEqual([
      'uio7 True True False',
      "['uio7'] ../../devices/platform/43c00000.my-dma/uio/uio7 True",
      parent,
      'True',
      `${parent} my-dma True`,
    ])
  })

  it('is found by walks from above', async () => {
    expect(
      await tell(
        'find /sys/devices/platform/43* -name uio7',
        'find -L /sys/class/uio/uio7 -maxdepth 1 -name event',
        'cd /sys; find class/uio devices/platform -name uio7 | sort',
        'busybox find /sys/devices/platform/43c00000.my-dma -name uio7',
      ),
    ).toEqual([folder, '/sys/class/uio/uio7/event', 'class/uio/uio7', folder.replace('/sys/', ''), folder])
  })
})

describe("the machine's own", () => {
  const folders = ['/sys/class', '/sys/devices', '/sys/dev/char', '/sys/bus', '/sys/bus/platform/devices', '/sys']

  it.each(folders)('%s is listed with what the models have', async (path) => {
    const lines = ['import os', `names = os.listdir(${JSON.stringify(path)})`, 'print("\\n".join(sorted(names)))']
    const names = await python(...lines)
    expect(names).toEqual(expect.arrayContaining(readdirSync(path)))
    expect(names).toHaveLength(new Set(names).size)
  })

  it('stays where it is, by whatever way', async () => {
    const target = readlinkSync('/sys/class/mem/null')
    expect(
      await tell(
        'readlink /sys/class/mem/null',
        'cd /sys/class/uio; readlink ../mem/null; cat ../mem/null/dev; cd ..; readlink mem/null; cd mem; readlink null',
        'cd /sys/class/uio; ls ../mem | grep -x null',
        'cd /; find sys/class sys/devices/platform sys/bus sys/dev 2>&1 > /dev/null',
      ),
    ).toEqual([target, target, '1:3', target, target, 'null'])
  })
})

it('a u-dma-buf is a link likewise', async () => {
  expect(await tell('cd /sys/class/u-dma-buf/udmabuf3; pwd -P; cat size; readlink -f subsystem device')).toEqual([
    expect.stringMatching(/^\/sys\/devices\/platform\/[0-9a-f]+\.udmabuf3\/u-dma-buf\/udmabuf3$/),
    '4096',
    '/sys/class/u-dma-buf',
    expect.stringMatching(/^\/sys\/devices\/platform\/[0-9a-f]+\.udmabuf3$/),
  ])
})
