import { parseArgs } from 'node:util'
import { startConsole } from '../console.mjs'
import { median, printFigure, printSamples, round } from '../figures.mjs'
import { openPages } from './in-browser.mjs'
import { PAGES } from './pages.mjs'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    page: { type: 'string', multiple: true },
    address: { type: 'string' },
    password: { type: 'string' },
  },
})
const pages = PAGES.filter(({ name }) => values.page?.includes(name) ?? true)
if (pages.length === 0) throw new Error(`Name pages of: ${PAGES.map(({ name }) => name).join(', ')}`)

const lake =
  values.address === undefined
    ? await startConsole()
    : { address: values.address, password: values.password ?? '', stop: () => Promise.resolve() }
try {
  report(await openPages(lake, pages, Number(values.rounds)))
} finally {
  await lake.stop()
}

function report(samples) {
  for (const [name, ofPage] of samples) {
    console.log(`\n${name}`)
    printSamples(
      'FCP (ms)',
      ofPage.map(({ fcpMs }) => fcpMs),
    )
    printSamples(
      'LCP (ms)',
      ofPage.map(({ lcpMs }) => lcpMs),
    )
    printSamples(
      'JavaScript (KB)',
      ofPage.map(({ jsBytes }) => jsBytes / 1024),
    )
    printSamples(
      'long tasks, total (ms)',
      ofPage.map(({ longTasksMs }) => sum(longTasksMs)),
    )
    console.log(`LCP: ${[...new Set(ofPage.map(({ lcpElement }) => lcpElement))].join(' | ')}`)
    const shifted = new Set(ofPage.flatMap((sample) => sample.shifted))
    if (shifted.size > 0) console.log(`shifted: ${[...shifted].join(' | ')}`)
  }
  console.log('\n| page | FCP ms | LCP ms | CLS | long tasks n / total / max ms | JS gz KB (files) | all KB |')
  console.log('|---|---|---|---|---|---|---|')
  for (const [name, ofPage] of samples) console.log(`| ${[name, ...tableCells(ofPage)].join(' | ')} |`)
  console.log('')
  for (const { name, jsTargetKb } of pages) {
    const ofPage = samples.get(name)
    const figure = (what, value, unit, target) =>
      printFigure({ question: `first-load: ${name}, ${what}`, value, unit, target })
    figure('LCP', Math.round(medianOf(ofPage, 'lcpMs')), 'ms', 800)
    figure('JavaScript', Math.round(medianOf(ofPage, 'jsBytes') / 1024), 'KB', jsTargetKb)
    figure('CLS', round(medianOf(ofPage, 'cls'), 3), 'score', 0)
  }
}

function tableCells(ofPage) {
  const tasks = (read) => Math.round(median(ofPage.map(({ longTasksMs }) => read(longTasksMs))))
  return [
    Math.round(medianOf(ofPage, 'fcpMs')),
    Math.round(medianOf(ofPage, 'lcpMs')),
    round(medianOf(ofPage, 'cls'), 3),
    `${tasks((all) => all.length)}/${tasks(sum)}/${tasks((all) => Math.max(0, ...all))}`,
    `${Math.round(medianOf(ofPage, 'jsBytes') / 1024)} (${medianOf(ofPage, 'jsFiles')})`,
    Math.round(medianOf(ofPage, 'allBytes') / 1024),
  ]
}

function medianOf(ofPage, field) {
  return median(ofPage.map((sample) => sample[field]))
}

function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0)
}
