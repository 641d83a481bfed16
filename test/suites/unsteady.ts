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
]
