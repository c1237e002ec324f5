import 'server-only'
import { existsSync, readFileSync } from 'node:fs'
import { SourceMap, type SourceMapPayload } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** A position in a bundle, with lines and columns from 1. */
const POSITION = /(file:\/\/\/[^\s()]+\.mjs):(\d+):(\d+)/g

/**
 * A stack with the positions of the sources. Node does the same for a process that reads the maps of all modules when it
 * loads them, which takes longer than most commands.
 */
export function mapStack(stack: string): string {
  const maps = new Map<string, SourceMap | null>()
  return stack.replaceAll(POSITION, (position, url: string, line: string, column: string) => {
    const file = fileURLToPath(url)
    const map = maps.get(file) ?? readMap(file)
    maps.set(file, map)
    const entry = map?.findEntry(Number(line) - 1, Number(column) - 1)
    if (!entry || !('originalSource' in entry)) return position
    const source = path.resolve(path.dirname(file), entry.originalSource)
    return `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`
  })
}

function readMap(file: string): SourceMap | null {
  const mapFile = `${file}.map`
  return existsSync(mapFile) ? new SourceMap(JSON.parse(readFileSync(mapFile, 'utf8')) as SourceMapPayload) : null
}
