import { cpSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { GoldenCatalog, ReadTarget } from './golden-catalog'
import type { GoldenRecipe } from './golden-recipes'
import { GOLDEN_ROOT, type GoldenRead, type GoldenRecord, type GoldenRows, goldenFolder } from './golden-tables'

/**
 * Writes a golden table, reads it with all its readers, and stores it with their rows.
 *
 * @throws when two readers differ
 */
export async function recordGoldenTable(catalog: GoldenCatalog, recipe: GoldenRecipe): Promise<void> {
  await catalog.write(recipe)
  const { metadataLocation, metadata: loaded } = await catalog.loadTable(recipe.name)
  const targets: ReadTarget[] = [
    ...loaded.snapshots.map(({ snapshotId }) => ({ snapshotId })),
    ...Object.keys(loaded.refs)
      .sort()
      .map((ref) => ({ ref })),
  ]
  const reads: GoldenRead[] = []
  for (const [index, target] of targets.entries()) {
    // A branch comes after the snapshots, and is at the last of them.
    const rows =
      recipe.bySpecification?.at(index < loaded.snapshots.length ? index : -1) ??
      (await readAlike(catalog, recipe, target))
    const lineage = recipe.hasLineage &&
      target.ref !== undefined && { lineage: await catalog.read('lineage', recipe.name, target) }
    reads.push({ ...target, ...rows, ...lineage })
  }
  const metadata = path.join('metadata', path.basename(metadataLocation))
  storeFiles(recipe.name, metadata)
  const record: GoldenRecord = { writer: recipe.writer, readers: recipe.readers, metadata, reads }
  writeFileSync(path.join(goldenFolder(recipe.name), 'reads.json'), renderRecord(record))
}

async function readAlike(catalog: GoldenCatalog, recipe: GoldenRecipe, target: ReadTarget): Promise<GoldenRows> {
  let first: GoldenRows | null = null
  for (const reader of recipe.readers) {
    const rows = await catalog.read(reader, recipe.name, target)
    first ??= rows
    if (isDeepStrictEqual(rows, first)) continue
    throw new Error(
      `${reader} reads other rows of ${recipe.name} at ${JSON.stringify(target)} than ${recipe.readers[0]}:
${JSON.stringify(rows)}
${JSON.stringify(first)}`,
    )
  }
  if (first === null) throw new Error(`${recipe.name} has no reader`)
  return first
}

/** Copies the files of a table without its older metadata files and without the checksums of Hadoop's file system. */
function storeFiles(name: string, metadata: string): void {
  const [written, stored] = [path.join(GOLDEN_ROOT, name), goldenFolder(name)]
  rmSync(stored, { recursive: true, force: true })
  cpSync(written, stored, { recursive: true })
  for (const file of readdirSync(stored, { recursive: true, encoding: 'utf8' })) {
    const isOlderMetadata = file.endsWith('.metadata.json') && file !== metadata
    if (isOlderMetadata || file.endsWith('.crc')) rmSync(path.join(stored, file))
  }
}

/** JSON with a line per row, so that a change of the record can be reviewed. */
function renderRecord({ reads, ...rest }: GoldenRecord): string {
  const entries = reads.map(({ columns, rows, lineage, ...target }) => {
    const head = JSON.stringify(target).slice(0, -1)
    return `${head},${renderRows({ columns, rows })}${lineage ? `,"lineage":{${renderRows(lineage)}}` : ''}}`
  })
  return `${JSON.stringify(rest).slice(0, -1)},"reads":[\n${entries.join(',\n')}\n]}\n`
}

function renderRows({ columns, rows }: GoldenRows): string {
  const lines = rows.map((row) => `\n${JSON.stringify(row)}`)
  return `"columns":${JSON.stringify(columns)},"rows":[${lines.join(',')}]`
}
