import { Panel } from '@/components/ui/panel'
import { formatBytes } from '@/lib/format/bytes'
import { formatCount } from '@/lib/format/count'
import classes from './byte-map.module.css'

/** `PAR1` at both ends, and the length of the footer. */
const FRAME_BYTES = 12
/** More row groups than this are too thin to draw. */
const MAX_DRAWN_GROUPS = 300

/** The sizes of the parts of an inspected file. */
type FileParts = {
  byteLength: number
  footer: { footerBytes: number; rowGroups: readonly { columns: readonly { storedBytes: number }[] }[] }
}

/** The bytes of the file in their order, to scale. */
export function ByteMap({ inspected, chosenGroup }: { inspected: FileParts; chosenGroup: number | null }) {
  const { footer, byteLength } = inspected
  const groupBytes = footer.rowGroups.map(({ columns }) =>
    columns.reduce((sum, { storedBytes }) => sum + storedBytes, 0),
  )
  const pageBytes = groupBytes.reduce((sum, bytes) => sum + bytes, 0)
  const otherBytes = Math.max(0, byteLength - pageBytes - footer.footerBytes - FRAME_BYTES)
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
        {otherBytes > 0 && <span>{formatBytes(otherBytes)} indexes, bloom filters and gaps</span>}
        <span>{formatBytes(footer.footerBytes)} footer</span>
        <span>{formatBytes(FRAME_BYTES)} PAR1 and footer length</span>
      </p>
    </Panel>
  )
}
