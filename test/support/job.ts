/** The Kubernetes Job of the examples, as the tests read it. */
import { join } from 'node:path'
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { root } from './places.js'

interface Mount {
  name: string
  mountPath: string
  readOnly?: boolean
}

/** As far as the tests look into it; whether it is one the schema says. */
interface Job {
  spec: {
    completions: number
    template: {
      spec: {
        securityContext: { runAsUser: number; fsGroup: number }
        containers: [
          {
            image: string
            workingDir: string
            command: string[]
            args: string[]
            env: { name: string; value: string }[]
            securityContext: {
              allowPrivilegeEscalation: boolean
              readOnlyRootFilesystem: boolean
              capabilities: { drop: string[] }
            }
            volumeMounts: Mount[]
          },
        ]
        volumes: { name: string; persistentVolumeClaim?: { claimName: string }; emptyDir?: object }[]
      }
    }
  }
}

export const jobText = readFileSync(join(root, 'examples/regression/kubernetes-job.yaml'), 'utf8')
export const job = parse(jobText) as Job
