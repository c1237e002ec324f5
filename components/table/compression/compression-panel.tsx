'use client'
import Link from 'next/link'
import { usePendingChanges } from '@/lib/client/table/pending-changes'
import { propertiesWithPending, putProperty } from '@/components/changes/tray/put-property'
import { useShownTable } from '@/components/table/frame/shown-table'
import { Panel } from '@/components/ui/panel'
import { useCanEdit } from '@/components/table/frame/use-can-change'
import { paths } from '@/lib/paths/paths'
import { TableCodecChoice } from './codec-choice'
import { LazyWrittenCodecs } from './lazy-written-codecs'
import classes from './compression-panel.module.css'

/** Codec and level of new files, next to the codecs of the live files. */
export function CompressionPanel() {
  const { table, detail } = useShownTable()
  const pending = usePendingChanges(table, detail)
  const { isOffered: canChange } = useCanEdit()
  return (
    <Panel
      title="Compression of new files"
      subtitle="Applies to new files. Existing files are not rewritten."
      actions={<Link href={paths.compressionStudio(table)}>Compression studio</Link>}
    >
      <div className={classes.compression}>
        <TableCodecChoice
          properties={propertiesWithPending(detail.properties, pending.intents)}
          setValue={(key, newValue) => putProperty(pending, detail, key, newValue)}
          canChange={canChange === true}
        />
        <LazyWrittenCodecs />
      </div>
    </Panel>
  )
}
