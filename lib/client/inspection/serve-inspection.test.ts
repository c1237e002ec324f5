import { describe, expect, it } from 'vitest'
import {
  columnChunk,
  fileMetaData,
  fileOf,
  rootElement,
  rowGroup,
  schemaElement,
  sourceOf,
} from '@/testing/parquet/hand-made-file'
import { pageCodecs } from '@/testing/parquet/page-codecs'
import { int, list } from '@/testing/parquet/thrift-writer'
import type { InspectionReply, InspectionTask } from './inspection-messages'
import { createInspectionServer } from './serve-inspection'

/** The replies to one inspection of a file. */
async function inspect(bytes: Uint8Array, task: object, maxShownChunks = 10_000): Promise<InspectionReply[]> {
  const replies: InspectionReply[] = []
  let finish: () => void = () => undefined
  const finished = new Promise<void>((resolve) => (finish = resolve))
  const serve = createInspectionServer(
    (reply) => {
      replies.push(structuredClone(reply))
      if (reply.kind === 'done' || reply.kind === 'failed') finish()
    },
    { codecs: pageCodecs, open: ({ name }) => sourceOf(bytes, name), maxShownChunks },
  )
  serve({ kind: 'inspect', id: 7, task: { file: { url: '/f', name: 'f.parquet' }, ...task } as InspectionTask })
  await finished
  return replies
}

/** A file of columns `c0`, `c1` … and row groups that all claim the same bytes. */
function wideFile(columnCount: number, groupCount: number): Uint8Array {
  const names = Array.from({ length: columnCount }, (_, column) => `c${column}`)
  const group = rowGroup(names.map((name) => columnChunk(name)))
  return fileOf(
    fileMetaData({
      2: list(rootElement(columnCount), ...names.map((name) => schemaElement(name))),
      3: int(3 * groupCount),
      4: list(...Array<typeof group>(groupCount).fill(group)),
    }),
  )
}

describe('The inspection of a file in the worker', () => {
  it('sends the chunks of a footer a thousand at a time, in their order', async () => {
    const replies = await inspect(wideFile(60, 40), { kind: 'footer' })
    const parts = replies.flatMap((reply) => (reply.kind === 'chunks' ? [reply.chunks] : []))
    expect(parts.map(({ length }) => length)).toEqual([1_000, 1_000, 400])
    expect(parts.flat().map(({ leaf }) => leaf)).toEqual(Array.from({ length: 2_400 }, (_, index) => index % 60))
    expect(replies.at(-1)).toMatchObject({ kind: 'done', id: 7, result: { footer: { rowCount: 120 } } })
  })

  it('refuses a footer with more chunks than can be shown, and sends none of them', async () => {
    const replies = await inspect(wideFile(4, 3), { kind: 'footer' }, 11)
    expect(replies).toEqual([
      {
        kind: 'failed',
        id: 7,
        error: expect.objectContaining({
          code: 'too-large',
          message: 'f.parquet has 3 row groups of 4 columns. The inspector shows at most 11 column chunks.',
        }),
      },
    ])
  })

  it.each([
    ['a truncated file', Uint8Array.from([1, 2, 3]), { kind: 'footer' }, 'too short for a Parquet file'],
    [
      'a chunk that the file does not have',
      wideFile(1, 1),
      { kind: 'pages', position: { group: 3, leaf: 0 }, readsWhole: false },
      'the file has no such column chunk',
    ],
    [
      'a deletion vector that is too long',
      wideFile(1, 1),
      { kind: 'vector', offset: 0, lengthBytes: 2 ** 30 },
      'a deletion vector has 1073741824 bytes',
    ],
    [
      'a damaged deletion vector',
      wideFile(1, 1),
      { kind: 'vector', offset: 0, lengthBytes: 30 },
      'the deletion vector is damaged',
    ],
    ['a file that is not Puffin', wideFile(1, 1), { kind: 'puffin' }, 'the magic of Puffin is missing'],
  ])('says what is wrong with %s', async (_what, bytes, task, problem) => {
    const replies = await inspect(bytes, task)
    expect(replies).toHaveLength(1)
    expect(JSON.stringify(replies[0])).toContain(problem)
  })
})
