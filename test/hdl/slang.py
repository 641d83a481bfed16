# SPDX-License-Identifier: Apache-2.0
# slang.py FLAGS AND FILES: slang's own command line, as far as elaboration goes; prints what it has to say.
import sys

import pyslang

driver = (pyslang.driver if hasattr(pyslang, 'driver') else pyslang).Driver()
driver.addStandardArgs()
parsed = driver.parseCommandLine(' '.join(['slang', *sys.argv[1:]])) and driver.processOptions()
ok = parsed and driver.parseAllSources()
if ok:
    compilation = driver.createCompilation()
    driver.reportCompilation(compilation, True)
    ok = driver.reportDiagnostics(True) if hasattr(driver, 'reportDiagnostics') else not compilation.getAllDiagnostics()
sys.exit(0 if ok else 1)
