/** What the files of a test's evidence are called. */
export const logFile = 'accesses.jsonl'
export const outputFile = 'output.txt'
export const waveFile = 'waves.fst'
export const drawingFile = 'waves.wavedrom.json'
