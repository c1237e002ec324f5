'use client'
import { type PagedQuery, toListing } from '@/components/ui/table/listing'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Unloaded } from '@/components/shell/unloaded'
import { useShownTable } from '@/components/table/frame/shown-table'
import { filesQuery } from '@/lib/client/table/files'
import type { LiveFile } from '@/lib/contract/table/files'
import { formatBytes } from '@/lib/format/bytes'
import { formatCount, formatQuantity } from '@/lib/format/count'
import classes from './written-codecs.module.css'

/** The codecs of the live files, by bytes. */
export function WrittenCodecs() {
  const { table, asOf, detail } = useShownTable()
  const query = useInfiniteQuery(filesQuery(table, asOf))
  if (!query.isSuccess) return <Unloaded query={query} subject={table.table} skeleton={[1, 1, 'Reading files']} />
  const { files, totalCount, shares, storedBytes } = toShares(query)
  return (
    <div className={classes.written}>
      <div className={classes.head}>
        <span>Actually written, by bytes{detail.shown.isCurrent ? '' : ', in the shown snapshot'}</span>
        <span className="bare quiet">
          {files.length < totalCount
            ? `first ${formatCount(files.length)} of ${formatCount(totalCount)} files`
            : formatQuantity(totalCount, 'file')}
        </span>
      </div>
      {storedBytes === 0 ? (
        <p className="bare quiet">No data files yet.</p>
      ) : (
        <>
          <SharesBar shares={shares} storedBytes={storedBytes} />
          <ul className={classes.legend}>
            {shares.map(({ codec, storedBytes: bytes, fileCount }, index) => (
              <li key={codec}>
                <span className={classes.mark} style={{ background: seriesColour(codec, index) }} aria-hidden />
                <strong>{codec}</strong> {formatBytes(bytes)}, {formatQuantity(fileCount, 'file')}
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  )
}

/** The codecs of the live files in one line. */
export function WrittenShares() {
  const { table, asOf } = useShownTable()
  const query = useInfiniteQuery(filesQuery(table, asOf))
  if (query.error) return <span className="warn">Codecs of the files: {query.error.message}</span>
  if (!query.isSuccess) return null
  const { files, totalCount, shares, storedBytes } = toShares(query)
  if (storedBytes === 0) return null
  return (
    <>
      <span>
        Actually written
        {files.length < totalCount && `, first ${formatCount(files.length)} of ${formatCount(totalCount)} files`}
      </span>
      <span className={classes.shortBar}>
        <SharesBar shares={shares} storedBytes={storedBytes} />
      </span>
      <ul className={classes.shortLegend}>
        {shares.map(({ codec, storedBytes: bytes, fileCount }, index) => (
          <li key={codec} title={formatBytes(bytes)}>
            <span className={classes.mark} style={{ background: seriesColour(codec, index) }} aria-hidden />
            {codec} {formatQuantity(fileCount, 'file')}
          </li>
        ))}
      </ul>
    </>
  )
}

function toShares(query: PagedQuery<{ files: readonly LiveFile[]; totalCount: number }>) {
  const { rows: files } = toListing(query, (page) => page.files)
  const shares = codecShares(files)
  return {
    files,
    totalCount: query.data?.pages[0]?.totalCount ?? 0,
    shares,
    storedBytes: shares.reduce((sum, share) => sum + share.storedBytes, 0),
  }
}

type CodecShare = ReturnType<typeof codecShares>[number]

function SharesBar({ shares, storedBytes }: { shares: readonly CodecShare[]; storedBytes: number }) {
  return (
    <span className={classes.bar} aria-hidden>
      {shares.map(({ codec, storedBytes: bytes }, index) => (
        <span
          key={codec}
          style={{ width: `${(bytes / storedBytes) * 100}%`, background: seriesColour(codec, index) }}
        />
      ))}
    </span>
  )
}

const NOT_READ = 'not read yet'

/** Bytes and files per codec, most bytes first. */
function codecShares(files: readonly LiveFile[]) {
  const shares = new Map<string, { codec: string; storedBytes: number; fileCount: number }>()
  for (const { codec, fileSizeBytes } of files) {
    const name = codec ?? NOT_READ
    const share = shares.get(name) ?? { codec: name, storedBytes: 0, fileCount: 0 }
    shares.set(name, { ...share, storedBytes: share.storedBytes + fileSizeBytes, fileCount: share.fileCount + 1 })
  }
  return [...shares.values()].sort((a, b) => b.storedBytes - a.storedBytes)
}

function seriesColour(codec: string, index: number): string {
  return codec === NOT_READ || index > 5 ? 'var(--c0)' : `var(--c${index + 1})`
}
