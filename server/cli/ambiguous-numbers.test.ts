import { mkdtempSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { beforeEach, expect, it } from 'vitest'
import { actorFor } from '@/server/auth/actor'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { listRuns } from '@/server/db/jobs/runs'
import { readLoadRequest, requireOwnLoad } from '@/server/ingest/run/past-load'
import { useShortPauses } from '@/testing/clock'
import { createTestHome } from '@/testing/homes/test-home'
import { LandingTable } from '@/testing/ingest/landing-table'
import { STAGE_HERE } from '@/testing/ingest/stage-here'
import { column } from '@/testing/ingest/test-staging'
import { runLakeshore } from './lakeshore'
import { tableName } from './table-name'

const home = createTestHome({}, STAGE_HERE)

// The command polls for the end of its run.
beforeEach(() => useShortPauses())

/** More rows than the command reads before it loads. */
const WHOLE_COUNT = 10_000

it('A load that finds numbers of two meanings late asks for the answer, and loads with it', async () => {
  const fields = [column(1, 'quantity', 'double'), column(2, 'price', 'string')]
  const table = await LandingTable.create(home.services, { fields })
  const lines = [...Array.from({ length: WHOLE_COUNT }, (_, i) => `${i};1.146,39`), '7.500;1.146,39']
  const file = path.join(mkdtempSync(path.join(home.config.homeDir, 'in-')), 'de.csv')
  writeFileSync(file, `quantity;price\n${lines.join('\n')}\n`)
  const ingest = async (...options: string[]) => {
    const said: string[] = []
    const code = await runLakeshore(
      ['ingest', tableName(table.identifier), file, ...options],
      {
        print: () => {},
        printMessage: (line) => said.push(line),
        prompt: async () => null,
        signal: new AbortController().signal,
      },
      () => home.services,
    )
    return { code, said: said.join('\n') }
  }
  const refused = await ingest()
  expect(refused.code).toBe(1)
  expect(refused.said).toContain(
    '“7.500” in quantity (line 10,002) is 7.500 if numbers are written as 1234.56, or 7500',
  )
  expect(refused.said).toContain('--allow-ambiguous-numbers')
  expect(await table.rows()).toEqual([])

  const [failed] = await listRuns(home.database, { limit: 1 })
  const reader = { actor: actorFor(COMMAND_LINE), signal: new AbortController().signal }
  const load = await requireOwnLoad(home.database, failed?.id ?? '', reader.actor)
  expect(await readLoadRequest(home.services, load, reader)).toMatchObject({
    allowAmbiguousNumbers: false,
    question: {
      kind: 'numbers',
      readings: [
        { options: { decimalSeparator: '.', groupSeparator: null }, value: '7.500' },
        { options: { decimalSeparator: ',', groupSeparator: '.' }, value: '7500' },
      ],
    },
  })

  const grouped = await ingest('--decimal-separator', ',', '--group-separator', '.')
  expect(grouped.code, grouped.said).toBe(0)
  const pointed = await ingest('--allow-ambiguous-numbers', '--load-again')
  expect(pointed.code, pointed.said).toBe(0)
  const counts = Map.groupBy(await table.rows(), ([quantity]) => quantity)
  // Both loads have a row of 7500 among the others.
  expect([counts.get('7500')?.length, counts.get('7.5')?.length]).toEqual([3, 1])
})
