import type { Compression } from '@/lib/contract/dashboards'

const GIB = 2 ** 30
const FIRST_MS = Date.UTC(2026, 9, 31)
const DAY_MS = 86_400_000

const table = (name: string) => ({ catalog: 'local', namespace: ['shop'], table: name })

/** Two tables of whose data files nine tenths were read, by bytes. */
export function sampleCompression(changed: Partial<Compression> = {}): Compression {
  const pages = { plainBytes: 900 * GIB, encodedBytes: 360 * GIB, storedBytes: 178 * GIB }
  const projected = { plainBytes: 1_000 * GIB, encodedBytes: 400 * GIB }
  const level = (day: number, share: number) => ({
    atMs: FIRST_MS + day * DAY_MS,
    plainBytes: share * projected.plainBytes,
    encodedBytes: share * projected.encodedBytes,
    storedBytes: share * 205 * GIB,
    readShare: 0.9,
    retained: null,
  })
  return {
    badges: [],
    readAtMs: FIRST_MS + 2 * DAY_MS,
    tableCount: 2,
    behind: [],
    completeAtMs: FIRST_MS + 2 * DAY_MS,
    span: { fromMs: FIRST_MS, toMs: FIRST_MS + 2 * DAY_MS },
    sizes: {
      ...projected,
      storedBytes: 205 * GIB,
      unreadBytes: 20 * GIB,
      dataBytes: 200 * GIB,
      footerBytes: 2 * GIB,
      deleteBytes: 5 * GIB,
      isProjected: true,
      isEstimated: false,
    },
    levels: [level(0, 0.5), level(1, 0.8), level(2, 1)],
    files: {
      total: 100,
      read: 90,
      unreadable: 0,
      otherFormat: 0,
      problem: null,
      unmeasuredTables: 0,
      partlyRead: { tableCount: 1, largest: table('visits') },
    },
    asSet: { asSetBytes: 150 * GIB, setBytes: 178 * GIB, differentTables: 1 },
    columns: [
      {
        table: table('visits'),
        column: 'url',
        type: 'string',
        codecs: ['zstd'],
        plainBytes: 600 * GIB,
        encodedBytes: 200 * GIB,
        storedBytes: 100 * GIB,
        isEstimated: false,
        ratios: [5, 5.5, 6],
      },
    ],
    otherColumns: {
      columnCount: 3,
      plainBytes: 300 * GIB,
      encodedBytes: 160 * GIB,
      storedBytes: 78 * GIB,
      ratios: [null, 3.8, 3.85],
    },
    codecs: [{ codec: 'zstd', ...pages, ratios: [5, 5, 5.06] }],
    tables: [
      {
        table: table('visits'),
        codec: 'zstd',
        plainBytes: 700 * GIB,
        encodedBytes: 300 * GIB,
        storedBytes: 155 * GIB,
        isEstimated: false,
        unreadBytes: 20 * GIB,
        ratios: [4, 4.4, 4.5],
      },
      {
        table: table('orders'),
        codec: null,
        plainBytes: 300 * GIB,
        encodedBytes: 100 * GIB,
        storedBytes: 50 * GIB,
        isEstimated: false,
        unreadBytes: 0,
        ratios: [6, 6, 6],
      },
    ],
    otherTables: { tableCount: 0, plainBytes: 0, encodedBytes: 0, storedBytes: 0, ratios: [null, null, null] },
    fileGroups: null,
    retainedTables: null,
    changes: [],
    changeCount: 0,
    candidates: [],
    candidateCount: 0,
    couldBeSaved: null,
    done: [],
    ...changed,
  }
}
