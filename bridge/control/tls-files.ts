/** Certificates as the command line names them: `--tls-cert`, `--tls-key`, `--tls-ca`, all three or none. */
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { toMessage, TraplineError } from '../ground/errors.js'

export interface TlsFlags {
  tlsCert?: string
  tlsKey?: string
  tlsCa?: string
}

/** Who we are, and whose signature the other end's certificate must bear; PEM. */
export interface TlsIdentity {
  cert: Buffer
  key: Buffer
  ca: Buffer
}

/** What both ends agree to at least: TLS 1.3, or 1.2 with forward secrecy and an AEAD cipher (RFC 9325, 4.2). */
export const tlsLimits = {
  minVersion: 'TLSv1.2',
  ciphers: [
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'TLS_AES_128_GCM_SHA256',
    ...['AES256-GCM-SHA384', 'CHACHA20-POLY1305', 'AES128-GCM-SHA256'].flatMap((cipher) => [
      `ECDHE-ECDSA-${cipher}`,
      `ECDHE-RSA-${cipher}`,
    ]),
  ].join(':'),
} as const

export function readTlsFiles(flags: TlsFlags): TlsIdentity | undefined {
  const files = { '--tls-cert': flags.tlsCert, '--tls-key': flags.tlsKey, '--tls-ca': flags.tlsCa }
  const entries = Object.entries(files)
  const missing = entries.filter(([, file]) => !file).map(([flag]) => flag)
  if (missing.length === entries.length) return undefined
  if (missing.length > 0)
    throw new TraplineError('usage', `TLS is mutual and needs three files; give ${missing.join(' and ')} too`)
  const [cert, key, ca] = entries.map(([flag, file]) => read(flag, file ?? '')) as [Buffer, Buffer, Buffer]
  checkTogether({ cert, key, ca }, flags)
  return { cert, key, ca }
}

function read(flag: string, file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    throw new TraplineError('usage', `${flag} ${file} can't be read (${toMessage(error)})`, { cause: error })
  }
}

function checkTogether(identity: TlsIdentity, { tlsCert, tlsKey, tlsCa }: TlsFlags): void {
  try {
    createSecureContext(identity)
  } catch (error) {
    throw new TraplineError(
      'usage',
      `${tlsCert}, ${tlsKey} and ${tlsCa} are not a PEM certificate, its key and a CA (${toMessage(error)})`,
      { cause: error },
    )
  }
}
