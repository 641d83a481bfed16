/** Tests of others that are not compared, each with the reason; they are listed as skipped. */

interface Row {
  module: string
  /** As `python3 -m test -i` takes it. */
  pattern: string
  reason: string
}

export const unsteady: Row[] = [
  {
    module: 'test_socket',
    pattern: 'ThreadedVSOCKSocketStreamTest',
    reason: 'waits for ever natively too, on virtual machines whose host answers no vsock',
  },
  {
    module: 'test_signal',
    pattern: 'test_stress_delivery_*',
    reason: 'skips itself, or makes a hundred times as many rounds, by how long a timer takes just then',
  },
]
