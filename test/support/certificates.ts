/** Certificates for one test, made by openssl: a CA, and whoever it has signed for. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import type { Scratch } from './scratch.js'

export interface Certificate {
  cert: string
  key: string
}

export interface Authority extends Certificate {
  /** Signs for a name, valid for so many days from now; one of 0 days has expired. */
  sign(name: string, days?: number): Certificate
}

function openssl(folder: string, ...args: string[]): void {
  execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

export function makeAuthority(scratch: Scratch, name = 'ca'): Authority {
  const at = (file: string) => join(scratch.path, file)
  const authority = { cert: at(`${name}.pem`), key: at(`${name}.key`) }
  const { path } = scratch
  openssl(path, 'req', '-x509', ...newKey, '-subj', `/CN=${name}`, '-keyout', authority.key, '-out', authority.cert)
  return {
    ...authority,
    sign(subject, days = 1) {
      const signed = { cert: at(`${subject}.pem`), key: at(`${subject}.key`) }
      const extensions = scratch.write(`${subject}.ext`, 'subjectAltName=IP:127.0.0.1,DNS:localhost\n')
      openssl(path, 'req', ...newKey, '-subj', `/CN=${subject}`, '-keyout', signed.key, '-out', at('request.pem'))
      const ca = ['-CA', authority.cert, '-CAkey', authority.key, '-CAcreateserial', '-extfile', extensions]
      openssl(path, 'x509', '-req', '-in', at('request.pem'), ...ca, '-days', String(days), '-out', signed.cert)
      return signed
    },
  }
}
