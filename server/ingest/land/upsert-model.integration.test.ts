import { expect, it } from 'vitest'
import { deleteRows } from '@/testing/catalogs/delete-rows'
import { createTestHome } from '@/testing/homes/test-home'
import { LandingTable } from '@/testing/ingest/landing-table'
import { column } from '@/testing/ingest/test-staging'
import { createRandom } from '@/testing/seeded-random'

const home = createTestHome({ LAKESHORE_CATALOG_NAME: 'lake' })

const STEPS = 8
const KEYS = 40
const CITIES = ['a', 'b', 'c']
const ID = 1
const CITY = 2

type Row = { city: string; n: string }

/** Layouts in which the last row of a key is found in other ways, and old rows in other partitions. */
const LAYOUTS = [
  ['no partitions', {}],
  ['partitions of another column', { partitionBy: 'city' }],
  ['partitions of the key and of another column', { partitionBy: 'bucket(3, id), city' }],
  ['partitions of the key', { partitionBy: 'truncate(10, id)' }],
] as const

const CASES = ['2', '3'].flatMap((formatVersion) =>
  LAYOUTS.flatMap(([name, layout], i) =>
    ['merge-on-read', 'copy-on-write'].map((mode, j) => ({
      formatVersion,
      name,
      layout,
      mode,
      seed: Number(formatVersion) * 10 + i + j * 100,
    })),
  ),
)

it.each(CASES)(
  'Upserts with commits of others in between give the rows of a map: v$formatVersion, $mode, $name, seed $seed',
  async ({ formatVersion, layout, mode, seed }) => {
    const random = createRandom(seed * 7919)
    const table = await LandingTable.create(home.services, {
      fields: [column(ID, 'id', 'long', true), column(CITY, 'city', 'string'), column(3, 'n', 'int')],
      identifierFieldIds: [ID],
      properties: { 'format-version': formatVersion, 'write.merge.mode': mode },
      ...layout,
    })
    const model = new Map<string, Row>()
    for (let step = 0; step < STEPS; step++) {
      const lines = Array.from({ length: 1 + random(30) }, (_, i) => ({
        id: String(random(KEYS)),
        city: CITIES[random(CITIES.length)] ?? '',
        n: String(step * 100 + i),
      }))
      const csv = `id,city,n\n${lines.map(({ id, city, n }) => `${id},${city},${n}`).join('\n')}\n`
      const afterStaging = async () => {
        if (step % 3 === 2) await deleteSome(table, model, random)
      }
      const run = await table.landed(csv, 'upsert', { afterStaging })
      expect(run.outcome).toMatchObject(expectedCounts(model, lines))
      for (const { id, city, n } of lines) model.set(id, { city, n })
      expect(await table.rows()).toEqual(
        [...model]
          .map(([id, { city, n }]) => [id, city, n])
          .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
      )
      if (random(4) === 0) await deleteSome(table, model, random)
    }
  },
)

function expectedCounts(model: ReadonlyMap<string, Row>, lines: readonly { id: string }[]) {
  const ids = new Set(lines.map(({ id }) => id))
  const rowsUpdated = [...ids].filter((id) => model.has(id)).length
  return { rowsUpdated, rowsInserted: ids.size - rowsUpdated, rowsSuperseded: lines.length - ids.size }
}

/** Another writer deletes a row of a data file that no delete file names yet. */
async function deleteSome(
  table: LandingTable,
  model: Map<string, Row>,
  random: (limit: number) => number,
): Promise<void> {
  const files = await table.files()
  const deleted = new Set(files.flatMap(({ dataFile }) => dataFile.referencedDataFile ?? []))
  const whole = files.filter(({ dataFile }) => dataFile.content === 'data' && !deleted.has(dataFile.filePath))
  const file = whole[random(Math.max(1, whole.length))]
  if (!file) return
  const ids = await table.idsInFile(file)
  const position = random(ids.length)
  await deleteRows(home.services, table.identifier, file, [position])
  model.delete(ids[position] ?? '')
}
