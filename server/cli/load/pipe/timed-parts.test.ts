import { PassThrough, Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { CSV_DEFAULTS } from '@/lib/ingest/csv-options'
import { useTestClock } from '@/testing/clock'
import { pipedCsv, pipedLines, type PipedRecords } from './piped-records'
import { TimedParts } from './timed-parts'

const EVERY_MS = 30_000
const MAX_BYTES = 1_000

async function readText(part: Readable | null): Promise<string | null> {
  return part && Buffer.concat(await part.toArray()).toString()
}

async function readParts(records: PipedRecords, maxBytes = MAX_BYTES): Promise<string[]> {
  const parts = new TimedParts(records, { everyMs: EVERY_MS, maxBytes })
  const texts: string[] = []
  for (let part = await parts.next(); part !== null; part = await parts.next()) texts.push((await readText(part)) ?? '')
  return texts
}

const csvOf = (pipe: AsyncIterable<Uint8Array>, options = {}) =>
  pipedCsv(pipe, { ...CSV_DEFAULTS, delimiter: ',', ...options })

describe('A pipe in parts', () => {
  it('ends a part at its time, also while nothing comes, and begins the next with its first record', async () => {
    const time = useTestClock()
    const pipe = new PassThrough()
    const parts = new TimedParts(csvOf(pipe), { everyMs: EVERY_MS, maxBytes: MAX_BYTES })
    pipe.write('a,b\r\n1,"x\r\n')
    pipe.write('y"\r\n2,')
    const first = readText(await parts.next())
    await time.whenWaiting(EVERY_MS)
    await time.advance(EVERY_MS)
    expect(await first).toBe('a,b\r\n1,"x\r\ny"\r\n')

    // No part begins, and no time runs, until a record is whole.
    const next = parts.next()
    await time.advance(10 * EVERY_MS)
    pipe.write('z\r\n')
    pipe.end('3,')
    expect(await readText(await next)).toBe('a,b\r\n2,z\r\n3,')
    expect(await parts.next()).toBeNull()
  })

  it('ends a part before it is too long, but never within a record', async () => {
    const lines = ['{"a":1}\n', `{"a":"${'x'.repeat(40)}"}\n`, '{"a":2}\n', '{"a":3}\n', '{"a":4}']
    const bytes = Buffer.from(lines.join(''))
    const chunks = (size: number) =>
      Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size))
    for (const size of [1, 7])
      expect(await readParts(pipedLines(Readable.from(chunks(size))), 16)).toEqual([
        lines[0],
        lines[1],
        `${lines[2]}${lines[3]}`,
        lines[4],
      ])
    // Lines that come together stay together.
    expect(await readParts(pipedLines(Readable.from([bytes])), 16)).toEqual([lines.slice(0, 4).join(''), lines[4]])
  })

  it('has the header, and as many lines before it, in each part', async () => {
    const text = 'made by hand\n\na;b\n1;"2\n"\n\n"3"";";4\n'
    // As many records as come together stay together.
    const pipe = Readable.from(Array.from(text, (character) => Buffer.from(character)))
    expect(await readParts(csvOf(pipe, { delimiter: ';', skippedLines: 1 }), 1)).toEqual([
      '\na;b\n1;"2\n"\n',
      '\na;b\n\n',
      '\na;b\n"3"";";4\n',
    ])
    expect(await readParts(csvOf(Readable.from([Buffer.from('1,2\n3,4')]), { hasHeader: false }), 1)).toEqual([
      '1,2\n',
      '3,4',
    ])
    expect(await readParts(csvOf(Readable.from([Buffer.from('a,b\n')])))).toEqual([])
  })
})
