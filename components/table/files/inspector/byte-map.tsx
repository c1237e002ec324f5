import { Panel } from '@/components/ui/panel'
import type { InspectedFile } from '@/lib/client/table/file-inspection'
import { formatBytes } from '@/lib/format/bytes'
import { formatCount } from '@/lib/format/count'
import classes from './byte-map.module.css'

/** More row groups than this are too thin to draw. */
const MAX_DRAWN_GROUPS = 300

/** The bytes of the file in their order, to scale. */
export function ByteMap({ inspected, chosenGroup }: { inspected: InspectedFile; chosenGroup: number | null }) {
  const { footer, byteLength } = inspected
  const groupBytes = footer.rowGroups.map(({ columns }) =>
    columns.reduce((sum, { storedBytes }) => sum + storedBytes, 0),
  )
  const pageBytes = groupBytes.reduce((sum, bytes) => sum + bytes, 0)
  const otherBytes = Math.max(0, byteLength - pageBytes - footer.footerBytes)
  const isDrawn = groupBytes.length <= MAX_DRAWN_GROUPS
  return (
    <Panel title="Bytes in file order" subtitle={`0 … ${formatCount(byteLength)}`}>
      {isDrawn && (
        <div className={classes.bar} aria-hidden>
          {groupBytes.map((bytes, group) => (
            <span
              // Row groups have no other name than their index.
              key={group}
              className={classes.group}
              style={{ flexGrow: bytes }}
              data-chosen={group === chosenGroup || undefined}
            />
          ))}
          <span className={classes.other} style={{ flexGrow: otherBytes }} />
          <span className={classes.footer} style={{ flexGrow: footer.footerBytes }} />
        </div>
      )}
      <p className={classes.words}>
        <span>{formatBytes(pageBytes)} column chunks</span>
        <span>{formatBytes(otherBytes)} indexes, bloom filters and gaps</span>
        <span>{formatBytes(footer.footerBytes)} footer</span>
      </p>
    </Panel>
  )
}
