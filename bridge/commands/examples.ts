/** Two examples for each command, as `--help` and the manual page show them. */
export const examples: Record<string, readonly [string, string]> = {
  run: [
    'trapline run --show --log run.jsonl -- ./poke_led',
    'trapline run --rtl core.sv --map /dev/mem@0x43c00000+0x1000 -- busybox devmem 0x43c00000',
  ],
  diff: ['trapline diff good.jsonl bad.jsonl', 'trapline diff --timing before.jsonl after.jsonl'],
  replay: [
    'trapline replay good.jsonl --model fifo=fifo_bad',
    'trapline replay run.jsonl --around 17 --trace around.fst',
  ],
  export: [
    'trapline export --perfetto run.json run.jsonl',
    'trapline export --perfetto silicon.json silicon.mmiotrace',
  ],
  report: [
    'trapline report -o page.html trapline-results',
    'trapline report -o page.html --junit junit.xml shard-1 shard-2',
  ],
  build: ['trapline build', 'trapline build --trace --config lab/trapline.config.ts'],
  serve: ['trapline serve --listen 127.0.0.1:50051', 'trapline serve --run-dir lab --show'],
  watch: [
    'trapline watch --bridge unix:lab/bridge.sock /sys/bus/pci/devices/0000:00:04.0/resource0+0x1000',
    'trapline watch --bridge 127.0.0.1:50051 /dev/mem@0xfea00000+0x1000',
  ],
  unwatch: [
    'trapline unwatch --bridge unix:lab/bridge.sock resource0',
    'TRAPLINE_BRIDGE=127.0.0.1:50051 trapline unwatch mem',
  ],
  list: ['trapline list', 'trapline list --json --model uart=uart_small'],
  registers: ['trapline registers', 'trapline registers --types registers.d.ts'],
  doctor: ['trapline doctor', 'trapline doctor --json'],
  setup: ['trapline setup', 'trapline setup --verilator'],
  completion: ['source <(trapline completion bash)', 'trapline completion zsh > ~/.zfunc/_trapline'],
  manual: ['trapline manual > trapline.1', 'trapline manual | man --local-file -'],
  init: [
    'trapline init --rtl rtl/*.sv --map /dev/mem@0x43c00000+0x1000',
    'trapline init --rtl core.f --top core --map /dev/mem@0x43c00000+0x1000 --output lab.json',
  ],
}
