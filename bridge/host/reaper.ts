/**
 * A process of its own beside a bridge. It waits for the bridge's end, whatever that is: the kernel closes the pipe. Then
 * it ends the hosts that a killed bridge leaves, and removes the run directory. It also sees a bridge that was stopped.
 * It must not depend on anything that the bridge has loaded, and outlives signals to the bridge's process group.
 */
import { spawn } from 'node:child_process'
import type { Socket } from 'node:net'
import { stopLimitSeconds } from '../stopped-process.js'

export interface Reaper {
  /** The bridge ends as it should; the run directory stays. */
  spare(): void
  /** The bridge ends as it should. */
  end(): void
}

/**
 * $0 is the run directory, $1 the bridge, $2 the limit. Stopped together with its hosts, as by Ctrl-Z, a bridge may stay
 * so. Bash, since its `read` has a time limit: nothing is started just to wait.
 */
const script = `
mark="TRAPLINE_RUN_DIR=$0"; stopped=0; cause='was killed or crashed'
hosts() { grep -lszxF "$mark" /proc/[0-9]*/environ | grep -o '[0-9]*'; }
is_stopped() { local stat; read -r stat < "/proc/$1/stat" && stat="\${stat##*) }" && [ "\${stat%% *}" = T ]; } 2> /dev/null
any_host_runs() { local pid; for pid in $(hosts); do is_stopped "$pid" || return 0; done; return 1; }
until read -r -t 1 verdict; do
  [ $? -gt 128 ] || break
  if is_stopped "$1" && any_host_runs; then stopped=$((stopped + 1)); else stopped=0; fi
  [ "$stopped" -lt "$2" ] || { cause="was stopped and did not go on within $2 s"; kill -KILL "$1"; break; }
done
if [ -z "$verdict" ]; then
  echo "trapline: the bridge $cause; its hosts are ended" >&2
  for round in 1 2 3 4 5; do kill -KILL $(hosts); done 2> /dev/null
fi
[ "$verdict" = keep ] || rm -rf -- "$0"
`

export function startReaper(runDirectory: string): Reaper {
  const args = ['-c', script, runDirectory, String(process.pid), String(stopLimitSeconds)]
  // What the user preloads is meant for the host; it must not reach what cleans up after it.
  const env = { ...process.env, LD_PRELOAD: '' }
  const child = spawn('/bin/bash', args, { detached: true, env, stdio: ['pipe', 'ignore', 'inherit'] })
  child.on('error', () => undefined)
  child.unref()
  const pipe = child.stdin as unknown as Socket
  pipe.on('error', () => undefined)
  pipe.unref()
  return { spare: () => void pipe.end('keep\n'), end: () => void pipe.end('done\n') }
}
