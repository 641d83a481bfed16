// SPDX-License-Identifier: Apache-2.0
// driver SENSOR UIO START, by promises: threads of Node's pool read and write.
import { execFile } from 'node:child_process'
import { open } from 'node:fs/promises'
import { promisify } from 'node:util'

const [sensorPath, uioPath, start] = process.argv.slice(2)
const [sensor, uio] = await Promise.all([open(sensorPath, 'r+'), open(uioPath, 'r+')])
console.log('open ok')
const word = Buffer.alloc(4)
word.writeUInt32LE(0x11223344)
console.log('write', (await sensor.write(word, 0, 4, 0)).bytesWritten)
await sensor.read(word, 0, 4, 0)
console.log('read', word.readUInt32LE().toString(16))
const came = uio.read(word, 0, 4, null)
await promisify(execFile)('sh', ['-c', start])
await came
console.log('wait', word.readUInt32LE())
