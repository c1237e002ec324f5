import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Prints the ten longest source files. It informs; it never fails. */
const files = execFileSync('git', ['ls-files', '*.ts', '*.tsx', '*.mjs'], { encoding: 'utf8' }).trim().split('\n')
const lengths = files
  .filter((file) => !/\.test\.tsx?$/.test(file))
  .map((file) => ({ file, lineCount: readFileSync(file, 'utf8').split('\n').length - 1 }))
  .sort((a, b) => b.lineCount - a.lineCount)
for (const { file, lineCount } of lengths.slice(0, 10)) console.log(`${String(lineCount).padStart(5)}  ${file}`)
