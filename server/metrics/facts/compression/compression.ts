import 'server-only'
import type { Compression } from '@/lib/contract/dashboards'
import type { StorageCut } from '@/lib/facts/storage-cuts'
import { sum } from '@/lib/sum'
import type { Actor } from '@/server/auth/actor'
import { type FactScope, readFactVersion } from '@/server/db/facts/fact-tables'
import { countRetainedTables, type LiveSums } from '@/server/db/facts/storage/read-parts'
import { readStorageVersion, readTableStorage, type TableStorage } from '@/server/db/facts/storage/read-storage'
import { DAY_MS } from '@/server/db/facts/sum-tables'
import type { MetricsServices } from '@/server/metrics/metrics-services'
import { readCatalogReadings } from '../catalogs-behind'
import { type CountedTables, readCountedTables } from '../counted-tables'
import { type DaySpan, levelTimes, toDaySpan } from './day-levels'
import { readCandidates } from './candidates'
import { TrialsOfTables } from './codec-trials'
import { readFileGroups } from './file-groups'
import { readFinishedRewrites } from './finished-rewrites'
import { readSizeChanges } from './size-changes'
import { readLakeLevels } from './lake-levels'
import { readListedColumns, toPageSizes } from './listed-columns'
import { readListedTables, readTableLevels, type TableLevel } from './listed-tables'
import {
  dataBytesOf,
  isMostlyRead,
  NO_LIVE,
  projectPages,
  ratioOfPages,
  readShareOf,
  storedBytesOf,
} from './live-bytes'

type CompressionRequest = {
  scope: { [Part in keyof FactScope]: FactScope[Part] | undefined }
  fromMs: number
  toMs: number
  filesBy?: StorageCut | null | undefined
}

type Services = Pick<MetricsServices, 'config' | 'database'>

/** A collector measures tables while the figures are read, which then are of two times. */
const MAX_READINGS = 3

/** Sums up what the footers say of the files of the tables that the actor may read. */
export async function readCompression(
  services: Services,
  actor: Actor,
  { scope: { catalog, namespace }, filesBy = null, ...times }: CompressionRequest,
  { nowMs }: { nowMs: number },
): Promise<Omit<Compression, 'badges'>> {
  const span = toDaySpan(times, nowMs)
  const scope = { ...(catalog !== undefined && { catalog }), ...(namespace !== undefined && { namespace }) }
  const readVersion = async () =>
    `${await readFactVersion(services.database)} ${await readStorageVersion(services.database)}`
  let version = await readVersion()
  for (let reading = 1; ; reading += 1) {
    const readings = await readCatalogReadings(services, actor, scope)
    const counted = await readCountedTables(services, actor, scope)
    const compression = { ...readings, ...(await readFigures(services, counted, { span, filesBy, nowMs })) }
    const versionAfter = await readVersion()
    if (reading === MAX_READINGS || versionAfter === version) return compression
    version = versionAfter
  }
}

async function readFigures(
  { database }: Services,
  counted: CountedTables,
  { span, filesBy, nowMs }: { span: DaySpan; filesBy: StorageCut | null; nowMs: number },
): Promise<Omit<Compression, 'behind' | 'completeAtMs' | 'badges'>> {
  const trials = await TrialsOfTables.read(database)
  const storage = await readTableStorage(database, counted.of)
  const measured = new Map(storage.map((one) => [one.tableId, one]))
  const tables = await readTableLevels(database, counted, span, measured)
  const present = counted.tables.filter(({ droppedAtMs }) => droppedAtMs === null)
  const unmeasured = present.filter(({ id }) => !measured.has(id))
  const { live, retained, codecs } = await readLakeLevels(database, counted, span, {
    unmeasuredBytes: sum(unmeasured.map(({ total }) => total.bytes)),
  })
  const atMs = levelTimes(span, nowMs)
  const isMostly = live.map(isMostlyRead)
  const end = live.at(-1) ?? NO_LIVE
  const measuredTables = present.flatMap(({ id }) => measured.get(id) ?? [])
  return {
    readAtMs: nowMs,
    tableCount: present.length,
    span: { fromMs: span.fromDay * DAY_MS, toMs: span.endDay * DAY_MS },
    sizes: toSizes(end, { isEstimated: measuredTables.some(({ isEstimated }) => isEstimated) }),
    levels: live.map((level, index) => {
      const { plain, encoded } = isMostlyRead(level) ? projectPages(level) : { plain: null, encoded: null }
      const readShare = readShareOf(level)
      return {
        atMs: atMs[index] ?? nowMs,
        plainBytes: plain,
        encodedBytes: encoded,
        storedBytes: storedBytesOf(level),
        readShare,
        // Before the first measurement nothing is known of them.
        retained: (readShare ?? 0) > 0 ? (retained?.[index] ?? null) : null,
      }
    }),
    files: toFiles(tables, measuredTables, unmeasured.length),
    asSet: toAsSet(measuredTables),
    ...(await readListedColumns(database, counted, span, {
      pages: live.map(({ pages }) => pages),
      columnCount: sum(measuredTables.map(({ columnCount }) => columnCount)),
    })),
    codecs: codecs.map(({ codec, levels }) => ({
      codec,
      ...toPageSizes(levels.at(-1)),
      ratios: levels.map((level, index) => (isMostly[index] ? ratioOfPages(level) : null)),
    })),
    ...(await readListedTables(database, tables, span, { lake: live, measured })),
    fileGroups:
      filesBy === null || !span.isNow
        ? null
        : { by: filesBy, groups: await readFileGroups(database, { of: counted.of, cut: filesBy, live: end, nowMs }) },
    ...(await readSizeChanges(database, counted, span, measured)),
    ...(await readCandidates(database, tables, { measured, trials })),
    done: await readFinishedRewrites(database, counted.tables, { span, trials }),
    retainedTables: retained === null ? null : await countRetainedTables(database, counted.of),
  }
}

function toSizes(end: LiveSums, { isEstimated }: { isEstimated: boolean }): Compression['sizes'] {
  const isProjected = isMostlyRead(end)
  const { plain, encoded } = isProjected ? projectPages(end) : end.pages
  return {
    plainBytes: plain,
    encodedBytes: encoded,
    storedBytes: storedBytesOf(end),
    unreadBytes: end.unread,
    dataBytes: dataBytesOf(end),
    footerBytes: end.footers,
    deleteBytes: end.deletes,
    isProjected,
    isEstimated,
  }
}

function toFiles(
  tables: readonly TableLevel[],
  measured: readonly TableStorage[],
  unmeasuredTables: number,
): Compression['files'] {
  const sumOf = (toCount: (one: TableStorage) => number) => sum(measured.map(toCount))
  const names = new Map(tables.map(({ table }) => [table.id, table.table]))
  const failed = measured.find(({ problem }) => problem !== null)
  const failedTable = failed && names.get(failed.tableId)
  const partly = tables.filter(({ live }) => live.unread > 0)
  const [largest] = partly.toSorted((a, b) => b.live.unread - a.live.unread)
  return {
    total: sumOf(({ dataFiles }) => dataFiles),
    read: sumOf(({ readFiles }) => readFiles),
    unreadable: sumOf(({ unreadableFiles }) => unreadableFiles),
    otherFormat: sumOf(({ otherFormatFiles }) => otherFormatFiles),
    problem: failedTable ? { table: failedTable, text: failed.problem ?? '' } : null,
    unmeasuredTables,
    partlyRead: largest ? { tableCount: partly.length, largest: largest.table.table } : null,
  }
}

function toAsSet(measured: readonly TableStorage[]): Compression['asSet'] {
  const setting = measured.filter(({ setBytes }) => (setBytes ?? 0) > 0)
  return setting.length === 0
    ? null
    : {
        asSetBytes: sum(setting.map(({ asSetBytes }) => asSetBytes ?? 0)),
        setBytes: sum(setting.map(({ setBytes }) => setBytes ?? 0)),
        differentTables: setting.filter(({ asSetBytes, setBytes }) => asSetBytes !== setBytes).length,
      }
}
