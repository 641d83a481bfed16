/** The tests of the Python package, `hdl/cocotb/tests`, as pytest runs them. */
import { declarePytests, packageFolder } from '../support/python.js'

declarePytests(packageFolder)
