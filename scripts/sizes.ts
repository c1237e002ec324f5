import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { measurePageScripts } from './script-sizes.ts'

/**
 * Prints the ten longest source files, and how much script each page of the last build loads at first. It fails when a
 * page loads more than its budget, and without a build.
 */
const files = execFileSync('git', ['ls-files', '*.ts', '*.tsx', '*.mjs'], { encoding: 'utf8' }).trim().split('\n')
const lengths = files
  .filter((file) => !/\.test\.tsx?$/.test(file))
  .map((file) => ({ file, lineCount: readFileSync(file, 'utf8').split('\n').length - 1 }))
  .sort((a, b) => b.lineCount - a.lineCount)
for (const { file, lineCount } of lengths.slice(0, 10)) console.log(`${String(lineCount).padStart(5)}  ${file}`)

const pages = measurePageScripts()
if (pages.length === 0) console.error('\nNo page was found in .next: run npm run build first.')
else console.log('\nScript of pages, KiB gzip (at most), files')
for (const { page, bytes, maxBytes, files: fileCount } of pages)
  console.log(
    `${String(Math.round(bytes / 1024)).padStart(5)} (${maxBytes / 1024})  ${String(fileCount).padStart(2)}  ${page}`,
  )

const tooLarge = pages.filter(({ bytes, maxBytes }) => bytes > maxBytes)
for (const { page, bytes, maxBytes } of tooLarge)
  console.error(
    `${page} loads ${Math.round(bytes / 1024)} KiB of script at first, more than ${maxBytes / 1024}. Load code that the first view does not need on demand.`,
  )
process.exitCode = tooLarge.length > 0 || pages.length === 0 ? 1 : 0
