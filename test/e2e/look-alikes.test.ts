/**
 * A descriptor is a device's because of what it leads to: others may give a socket the same name, and see another
 * folder.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, it, onTestFinished } from 'vitest'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { agent, sampleRtl } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import { runHost, startTrapline } from '../support/trapline.js'

const timer: TraplineConfig = {
  models: { timer: { top: 'axil_timer', sources: [sampleRtl('axil_timer')] } },
  devices: { timer0: { kind: 'uio', model: 'timer', maps: [{ size: 0x1000 }], interrupt: 'irq_o' } },
}

/** Looks at descriptors as programs do: a device gives its path, and four bytes by a read of four only. */
const look = `
import os, socket, sys
def look(what, descriptor):
    try:
        got = os.read(descriptor, 5).decode()
    except OSError as error:
        got = os.strerror(error.errno)
    print(what, os.readlink(f'/proc/self/fd/{descriptor}').split(':')[0], got, flush=True)
`

/** A service of the program's own, whose socket has the name of the device's in another folder. */
const impostor = `${look}
if len(sys.argv) > 2:
    look('the device, inherited', int(sys.argv[2]))
    look('the service, inherited', int(sys.argv[3]))
    sys.exit()
name = next(name for name in os.listdir(os.environ['TRAPLINE_RUN_DIR']) if name.startswith('uio0.'))
os.chdir(sys.argv[1])
services = []
for path in name, os.path.join(os.getcwd(), name):
    if os.path.exists(path):
        os.unlink(path)
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    server.listen()
    client = socket.socket(socket.AF_UNIX)
    client.connect(path)
    services.append((client, server.accept()[0]))
device = os.open('/dev/uio0', os.O_RDWR | os.O_NONBLOCK)
for client, end in services:
    end.send(b'hello')
    look('the service', client.fileno())
look('the device', device)
services[1][1].send(b'again')
for descriptor in device, services[1][0].fileno():
    os.set_inheritable(descriptor, True)
os.execvp('python3', ['python3', __file__, '.', str(device), str(services[1][0].fileno())])
`

it('a service of the same name elsewhere is the service', async () => {
  const scratch = makeScratch()
  const program = ['python3', scratch.write('impostor.py', impostor), scratch.folder()]
  const { status, stdout, stderr } = await runHost(scratch, timer, program)
  expect(status, stderr).toBe(0)
  expect(stdout.trimEnd().split('\n')).toEqual([
    'the service socket hello',
    'the service socket hello',
    'the device /dev/uio0 Invalid argument',
    'the device, inherited /dev/uio0 Invalid argument',
    'the service, inherited socket again',
  ])
})

const mounts = ['unshare', '--user', '--map-root-user', '--mount']
const canMount = spawnSync(mounts[0] ?? '', [...mounts.slice(1), 'true']).status === 0

/** As in a container whose volume lies elsewhere: the bridge's own path of its socket means nothing here. */
const inherited = `${look}
if len(sys.argv) > 1:
    look('inherited', int(sys.argv[1]))
    sys.exit()
device = os.open('/dev/uio0', os.O_RDWR | os.O_NONBLOCK)
look('opened', device)
os.set_inheritable(device, True)
os.execvp('python3', ['python3', __file__, str(device)])
`

it.skipIf(!canMount)(
  'the device is the device where its run directory is seen elsewhere (needs user namespaces)',
  async () => {
    const scratch = makeScratch()
    const volume = join(scratch.path, 'volume')
    const flags = ['--config', scratch.write('c.json', timer), '--run-dir', join(volume, 'rd')]
    mkdirSync(volume)
    const bridge = startTrapline(scratch, ['serve', ...flags])
    onTestFinished(async () => {
      bridge.kill('SIGTERM')
      await bridge.ended
    })
    await bridge.untilStdout(/^unix:.+$/m)
    const elsewhere = scratch.folder()
    const script =
      `mount --bind ${volume} ${elsewhere} && mount -t tmpfs none ${volume} && LD_PRELOAD=${agent} ` + `exec "$@"`
    const program = ['python3', scratch.write('inherited.py', inherited)]
    const { exitCode, stdout, stderr } = await execa(
      'unshare',
      [...mounts.slice(1), 'sh', '-c', script, 'sh', ...program],
      {
        env: { TRAPLINE_BRIDGE: `unix:${elsewhere}/rd/bridge.sock`, TRAPLINE_RUN_DIR: `${elsewhere}/rd` },
        reject: false,
      },
    )
    expect(exitCode, stderr).toBe(0)
    expect(stdout.split('\n')).toEqual(['opened /dev/uio0 Invalid argument', 'inherited /dev/uio0 Invalid argument'])
  },
)
