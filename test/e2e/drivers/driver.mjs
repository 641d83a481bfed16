// SPDX-License-Identifier: Apache-2.0
// driver SENSOR UIO START, by Node's own files, which can't map: the timer is started by the command START.
import { execSync } from 'node:child_process'
import { openSync, readSync, writeSync, read } from 'node:fs'

const [sensorPath, uioPath, start] = process.argv.slice(2)
const word = Buffer.alloc(4)
const sensor = openSync(sensorPath, 'r+'),
  uio = openSync(uioPath, 'r+')
console.log('open ok')
word.writeUInt32LE(0x11223344)
console.log('write', writeSync(sensor, word))
console.log('read', (readSync(sensor, word, 0, 4, 0), word.readUInt32LE().toString(16)))
execSync(start, { stdio: 'ignore' })
read(uio, word, 0, 4, null, () => console.log('wait', word.readUInt32LE()))
