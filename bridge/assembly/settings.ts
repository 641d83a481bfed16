/** What can be said of a bridge that is started. */
import type { EndedAccess } from '../access/session.js'
import type { Symbolizer } from '../access/symbols.js'
import type { Config } from '../config/schema.js'
import type { Address } from '../control/address.js'
import type { TlsIdentity } from '../control/tls-files.js'
import type { Log } from '../ground/log.js'
import type { WarmStart } from '../model/model-pool.js'
import type { RecordingWishes } from '../run/recording.js'
import type { buildModel } from '../verilate/build-model.js'

export interface BridgeSettings extends RecordingWishes {
  config: Config
  /** Relative paths of the configuration start here. */
  configDirectory: string
  /** Chosen at random if neither this nor the configuration names one. */
  seed?: number
  /** A known place for the run directory; else it is a folder of TMPDIR. */
  runDirectory?: string
  /** A UNIX socket in the run directory if absent. */
  listen?: Address
  /** Every caller must show it; empty for none. */
  token?: string
  /** TCP is by mutual TLS. */
  tls?: TlsIdentity
  /** How long a session may keep others from a bus while it asks nothing itself; see `Sessions`. */
  holdSeconds?: number
  /**
   * All hosts are processes of one run, of this launcher: what the first is told of the devices is known to all others.
   */
  hasOneRun?: boolean
  /** False: golden models that the configuration has beside models stay away. */
  lockstep?: boolean
  /** A line per access. */
  shows?: boolean
  /** Accesses are looked over by the lint. */
  lints?: boolean
  /** What hosts touch of the registers that are described is counted. */
  countsRegisters?: boolean
  /** Gives up builds that are under way. */
  abort?: AbortSignal
  /** Ends searches for names of places in programs. */
  hurry?: AbortSignal | undefined
  onBuildProgress?(model: string, line: string): void
  /** A model ended without having been asked to; `cause` says why. */
  onModelFailure?(cause: string): void
  /** Every host waits for an interrupt that does not come; said once. */
  onDeadlock?(sentence: string): void
  /** A host process has checked in; it waits until this returns. */
  onAttach?(pid: number): void
  /** A model's interrupt output has changed. */
  onInterrupt?(model: string, line: string, level: boolean): void
  /** The RTL or the simulator has printed a line; goes to the log if nobody listens. */
  onModelOutput?(model: string, line: string): void
  /** An access of a host has been answered. */
  onAccess?(answered: EndedAccess): void
  /** A client called `ControlService.Stop`. */
  onStop?(): void
  log?: Log
  /** Shared by bridges whose hosts are the same programs. */
  symbolizer?: Symbolizer
  /** Gives models that are set up already; see `checkpoint.ts`. */
  warmStart?: WarmStart
  /** Sockets of cocotb tests that wait for a bridge, by model: instead of starting a simulation. */
  joined?: ReadonlyMap<string, string> | undefined
  build?: typeof buildModel
}
