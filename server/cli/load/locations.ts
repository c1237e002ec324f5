import 'server-only'
import { formatBytes } from '@/lib/format/bytes'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { visibleText } from '@/lib/format/visible-text'
import { sum } from '@/lib/sum'
import { findFiles, MAX_SEARCHED_ENTRIES } from '@/server/load-locations/find-files'
import { openLoadLocation } from '@/server/load-locations/open-location'
import { readArguments, type Terminal, UsageError, type Verb } from '../verb'

const DEFAULT_PATTERN = '**'
const MAX_PRINTED_FILES = 1_000

export const locationsVerb: Verb = {
  summary: 'lists the locations that files are loaded from, and their files',
  help: `Use: lakeshore locations
     lakeshore locations <name> [--match <pattern>]

Without a name, prints the locations of LAKESHORE_LOAD_LOCATIONS, one per line. With one, prints the files of the
location, or those that match a pattern such as '2026-*/**.csv': at most ${MAX_PRINTED_FILES}, one per line with tabs between:
path, bytes, and when it was changed, in UTC. lakeshore ingest --location <name> --path <path> loads one.`,
  async run(args, terminal, { openServices }) {
    const { values, positionals } = readArguments(args, { match: { type: 'string' } })
    const [name, ...rest] = positionals
    if (rest[0] !== undefined) throw new UsageError(`unexpected argument "${rest[0]}"`)
    if (name === undefined && values.match !== undefined) throw new UsageError('--match needs the name of a location')
    const services = await openServices()
    if (name === undefined) {
      const { loadLocations } = services.config
      if (loadLocations.length === 0)
        terminal.printMessage('There are no locations. The operator names them in LAKESHORE_LOAD_LOCATIONS.')
      for (const location of loadLocations) terminal.print(location.name)
      return 0
    }
    await printFiles(await openLoadLocation(services, name), values.match ?? DEFAULT_PATTERN, terminal)
    return 0
  },
}

async function printFiles(
  location: Parameters<typeof findFiles>[0],
  pattern: string,
  terminal: Terminal,
): Promise<void> {
  const { files, isComplete } = await findFiles(location, pattern, terminal.signal)
  for (const { path, sizeBytes, modifiedAtMs } of files.slice(0, MAX_PRINTED_FILES)) {
    const changed = modifiedAtMs === null ? '–' : new Date(modifiedAtMs).toISOString()
    terminal.print([visibleText(path), sizeBytes, changed].join('\t'))
  }
  const size = formatBytes(sum(files.map(({ sizeBytes }) => sizeBytes)))
  terminal.printMessage(`${formatQuantity(files.length, 'file')}, ${size}.`)
  if (files.length > MAX_PRINTED_FILES)
    terminal.printMessage(`Only the first ${formatCount(MAX_PRINTED_FILES)} are listed: give a narrower --match.`)
  if (!isComplete)
    terminal.printMessage(
      `The search ended after ${formatCount(MAX_SEARCHED_ENTRIES)} files and folders: begin the pattern with a folder.`,
    )
}
