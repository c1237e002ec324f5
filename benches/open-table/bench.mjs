import { parseArgs } from 'node:util'
import { startConsole } from '../console.mjs'
import { openInBrowser } from './in-browser.mjs'
import { compareReaders } from './readers.mjs'
import { figure, line, median, round } from '../figures.mjs'

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
  const seen = await openInBrowser(lake, rounds)
  const readers = await compareReaders(seen.files, ROWS, rounds)
  report(seen, readers)
} finally {
  await lake.stop()
}

function report(seen, readers) {
  const bytesRatio = median(seen.bytesRead) / seen.neededBytes
  const decodeRatio = median(readers.ours.ms) / median(readers.hyparquet.ms)
  console.log(
    `\nFirst rows of ${seen.rowCount.toLocaleString('en-US')}, ${seen.files.length} files, Node ${process.version}\n`,
  )
  line('painted (ms)', seen.paintedMs)
  line('plan answered (ms)', seen.planMs)
  line('bytes asked for', seen.bytesRead)
  console.log(`${'bytes that hold them'.padEnd(26)}${String(seen.neededBytes).padStart(12)}`)
  console.log(`${'requests for bytes'.padEnd(26)}${String(median(seen.requests)).padStart(12)}\n`)
  line(`${ROWS} rows, ours (ms)`, readers.ours.ms)
  line(`${ROWS} rows, hyparquet (ms)`, readers.hyparquet.ms)
  console.log(`${'bytes, ours'.padEnd(26)}${String(readers.ours.bytes).padStart(12)}`)
  console.log(`${'bytes, hyparquet'.padEnd(26)}${String(readers.hyparquet.bytes).padStart(12)}\n`)
  figure({
    question: 'open-table: click to painted',
    value: Math.round(median(seen.paintedMs)),
    unit: 'ms',
    target: 500,
  })
  figure({
    question: 'open-table: bytes read over bytes that hold the rows',
    ratio: round(bytesRatio, 3),
    unit: 'ratio',
    target: 1.1,
  })
  figure({
    question: 'open-table: first rows against hyparquet alone',
    ratio: round(decodeRatio, 3),
    unit: 'ratio',
    target: 1,
  })
}
