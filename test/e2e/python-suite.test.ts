/** CPython's own tests get the same answers under Trapline as natively: quick ones (`npm run test:suites` has all). */
import { beforeAll } from 'vitest'
import { declareModule } from '../suites/declare.js'
import { buildWindow, type Part, thisUser } from '../suites/python-suite.js'

const parts: Part[] = [
  { module: 'test_mmap' },
  { module: 'test_fcntl' },
  { module: 'test_select' },
  { module: 'test_pty' },
  { module: 'test_signal', only: ['PosixTests', 'WakeupFDTests', 'WakeupSocketSignalTests', 'StressTest'] },
  { module: 'test_os', only: ['SpawnTests', 'ExecTests', 'FDInheritanceTests', 'TestSendfile', 'TestInvalidFD'] },
  { module: 'test_posix', only: ['PosixTester', 'TestPosixDirFd', 'PosixGroupsTester'] },
  { module: 'test_subprocess', only: ['*fds*', '*signal*', '*preexec*', '*user*', '*group*'] },
]

beforeAll(buildWindow)

for (const part of parts) declareModule(part, thisUser)
