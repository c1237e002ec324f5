import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { buildIfStale } from './build.ts'

const [question, ...rest] = process.argv.slice(2)
const questions = readdirSync('benches', { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
if (question === undefined || !questions.includes(question)) {
  console.error(`Name a benchmark, one of: ${questions.join(', ')}`)
  process.exit(1)
}
await buildIfStale()
const file = ['bench.ts', 'bench.mjs']
  .map((name) => `benches/${question}/${name}`)
  .find((candidate) => existsSync(candidate))
if (file === undefined) throw new Error(`benches/${question} has no bench`)
process.exit(spawnSync('node', ['--expose-gc', file, ...rest], { stdio: 'inherit' }).status ?? 1)
