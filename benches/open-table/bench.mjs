import { parseArgs } from 'node:util'
import { startConsole } from '../console.mjs'
import { openInBrowser } from './in-browser.mjs'
import { compareReaders } from './readers.mjs'
import { printFigure, printSamples, median, round } from '../figures.mjs'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    address: { type: 'string' },
    password: { type: 'string' },
  },
})
const rounds = Number(values.rounds)
const ROWS = 100

const lake =
  values.address === undefined
    ? await startConsole()
    : { address: values.address, password: values.password ?? '', stop: () => Promise.resolve() }
try {
  const results = await openInBrowser(lake, rounds)
  const readers = await compareReaders(results.files, ROWS, rounds)
  report(results, readers)
} finally {
  await lake.stop()
}

function report(results, readers) {
  const bytesRatio = median(results.bytesRead) / results.neededBytes
  const decodeRatio = median(readers.ours.ms) / median(readers.hyparquet.ms)
  console.log(
    `\nFirst rows of ${results.rowCount.toLocaleString('en-US')}, ${results.files.length} files, Node ${process.version}\n`,
  )
  printSamples('painted (ms)', results.paintedMs)
  printSamples('plan received (ms)', results.planMs)
  printSamples('bytes requested', results.bytesRead)
  console.log(`${'bytes that hold them'.padEnd(26)}${String(results.neededBytes).padStart(12)}`)
  console.log(`${'requests for bytes'.padEnd(26)}${String(median(results.requests)).padStart(12)}\n`)
  printSamples(`${ROWS} rows, ours (ms)`, readers.ours.ms)
  printSamples(`${ROWS} rows, hyparquet (ms)`, readers.hyparquet.ms)
  console.log(`${'bytes, ours'.padEnd(26)}${String(readers.ours.bytes).padStart(12)}`)
  console.log(`${'bytes, hyparquet'.padEnd(26)}${String(readers.hyparquet.bytes).padStart(12)}\n`)
  printFigure({
    question: 'open-table: click to painted',
    value: Math.round(median(results.paintedMs)),
    unit: 'ms',
    target: 500,
  })
  printFigure({
    question: 'open-table: bytes read over bytes that hold the rows',
    ratio: round(bytesRatio, 3),
    unit: 'ratio',
    target: 1.1,
  })
  printFigure({
    question: 'open-table: first rows against hyparquet alone',
    ratio: round(decodeRatio, 3),
    unit: 'ratio',
    target: 1,
  })
}
