/**
 * A process of its own beside a bridge. It waits for the bridge's end, whatever that is: the kernel closes the pipe. Then
 * it ends the hosts that a killed bridge leaves, and removes the run directory. It also sees a bridge that was stopped.
 * It must not depend on anything that the bridge has loaded, and outlives signals to the bridge's process group.
 */
import { spawn } from 'node:child_process'
import type { Socket } from 'node:net'
import { withoutSecrets } from '../child-environment.js'
import { stopLimitSeconds } from '../stopped-process.js'

export interface Reaper {
  /** The bridge ends as it should; the run directory stays. */
  spare(): void
  /** The bridge ends as it should. */
  end(): void
}

/** A file of the run directory: no end of the bridge is a mishap. */
export const endsWithUs = 'ends-with-us'

/**
 * $0 is the run directory, $1 the bridge, $2 the limit. Stopped together with its hosts, as by Ctrl-Z, a bridge may stay
 * so. One process waits for the end, another looks once a second whether the bridge stands still; it takes its sleep
 * with it, which has our stderr: whoever reads that to its end would wait for the rest of that second.
 */
const script = `
mark="TRAPLINE_RUN_DIR=$0"
hosts() { grep -lszxF "$mark" /proc/[0-9]*/environ | grep -o '[0-9]*'; }
is_stopped() { { read -r stat < "/proc/$1/stat"; } 2> /dev/null && stat="\${stat##*) }" && [ "\${stat%% *}" = T ]; }
any_host_runs() { for pid in $(hosts); do is_stopped "$pid" || return 0; done; return 1; }
watch() {
  seconds=0
  trap 'kill "$!" 2> /dev/null; exit' TERM
  while [ "$seconds" -lt "$2" ]; do
    sleep 1 &
    wait "$!"
    if is_stopped "$1" && any_host_runs; then seconds=$((seconds + 1)); else seconds=0; fi
  done
  : > "$0/stopped"
  kill -KILL "$1"
}
watch "$1" "$2" < /dev/null &
watcher=$!
read -r verdict
kill "$watcher"
if [ -z "$verdict" ] && [ ! -e "$0/${endsWithUs}" ]; then
  cause='was killed or crashed'
  [ ! -e "$0/stopped" ] || cause="was stopped and did not go on within $2 s"
  echo "trapline: the bridge $cause; its hosts are ended" >&2
  for round in 1 2 3 4 5; do kill -KILL $(hosts); done 2> /dev/null
fi
[ "$verdict" = keep ] || rm -rf -- "$0"
`

export function startReaper(runDirectory: string): Reaper {
  const args = ['-c', script, runDirectory, String(process.pid), String(stopLimitSeconds)]
  // What the user preloads is meant for the host; it must not reach what cleans up after it.
  const env = { ...process.env, ...withoutSecrets, LD_PRELOAD: '' }
  const child = spawn('/bin/sh', args, { detached: true, env, stdio: ['pipe', 'ignore', 'inherit'] })
  child.on('error', () => undefined)
  child.unref()
  const pipe = child.stdin as unknown as Socket
  pipe.on('error', () => undefined)
  pipe.unref()
  return { spare: () => void pipe.end('keep\n'), end: () => void pipe.end('done\n') }
}
