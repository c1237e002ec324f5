'use client'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { LazySelect } from '@/components/ui/controls/lazy-select'
import { usePendingChanges } from '@/lib/client/pending-changes'
import { propertyTarget } from '@/lib/iceberg/intents/property-target'
import { intentFor, pendingProperties } from '@/components/properties/property-rows'
import { useShownTable } from '@/components/tables/shown-table'
import { Panel } from '@/components/ui/panel'
import { useCanChange } from '@/components/tables/use-can-change'
import {
  CODEC_PROPERTY,
  COMPRESSION_CODECS,
  codecLevelRange,
  codecOf,
  LEVEL_PROPERTY,
} from '@/lib/iceberg/properties/compression'
import classes from './compression-panel.module.css'

/** The list of files comes later than the page anyway. */
const LazyWrittenCodecs = lazyComponent(async () => (await import('./written-codecs')).WrittenCodecs, {
  loading: () => <SkeletonRows rows={1} columns={1} label="Reading files" />,
})

/** Codec and level of new files, next to the codecs of the live files. */
export function CompressionPanel() {
  const { table, detail } = useShownTable()
  const pending = usePendingChanges(table)
  const { isOffered: canChange } = useCanChange('table:write')
  const pendingValue = (key: string) => {
    const intent = pendingProperties(pending.intents).get(key)
    if (intent === undefined) return detail.properties[key] ?? null
    return intent.kind === 'set-property' ? intent.value : null
  }
  const setPending = (key: string, value: string | null) => {
    const intent = intentFor(key, detail.properties[key] ?? null, value)
    if (intent === null) pending.drop(propertyTarget(key))
    else pending.put(intent)
  }
  const codec = pendingValue(CODEC_PROPERTY)
  const knownCodec = codecOf(codec)
  const levels = knownCodec && codecLevelRange(knownCodec)
  const chooseCodec = (value: string | null) => {
    setPending(CODEC_PROPERTY, value)
    // A level is valid for one codec only.
    setPending(LEVEL_PROPERTY, null)
  }
  return (
    <Panel title="Compression of new files" subtitle="Applies to new files. Existing files are not rewritten.">
      <div className={classes.compression}>
        <LazySelect
          label="Codec"
          data={[...COMPRESSION_CODECS]}
          value={codec === null ? null : (knownCodec ?? codec)}
          placeholder="zstd (default)"
          onChange={chooseCodec}
          disabled={!canChange}
          clearable
          w={150}
        />
        <LazySelect
          label="Level"
          data={levels ? integerOptions(levels.min, levels.max) : []}
          value={levels ? pendingValue(LEVEL_PROPERTY) : null}
          placeholder={levels ? 'codec default' : 'not applicable'}
          disabled={!levels || !canChange}
          onChange={(value) => setPending(LEVEL_PROPERTY, value)}
          clearable
          w={150}
        />
        <LazyWrittenCodecs />
      </div>
    </Panel>
  )
}

function integerOptions(min: number, max: number): string[] {
  return Array.from({ length: max - min + 1 }, (_, step) => String(min + step))
}
