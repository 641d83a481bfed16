/** All modules of CPython's tests that are about the system, as whoever runs this and as another user. */
import { beforeAll, describe, it } from 'vitest'
import { canBecomeNobody, needsNobody } from '../support/nobody.js'
import { declareModule } from './declare.js'
import { modules } from './modules.js'
import { buildWindow, otherUser, thisUser } from './python-suite.js'

beforeAll(buildWindow)

for (const part of modules) declareModule(part, thisUser)

describe('as nobody', () => {
  if (!canBecomeNobody) it.skip(`all modules as nobody (skipped: ${needsNobody})`)
  else for (const part of modules) declareModule(part, otherUser)
})
