'use client'
import { Select } from '@mantine/core'
import { usePendingChanges } from '@/components/changes/pending-changes'
import { choiceLabel } from '@/components/properties/property-field'
import { intentFor } from '@/components/properties/property-rows'
import { useShownTable } from '@/components/tables/shown-table'
import { Panel } from '@/components/ui/panel'
import { useCanChange } from '@/components/tables/use-can-change'
import {
  CODEC_PROPERTY,
  COMPRESSION_CODECS,
  type CompressionCodec,
  codecLevelRange,
  LEVEL_PROPERTY,
  codecWriteProblem,
} from '@/lib/iceberg/properties/compression'
import classes from './compression-panel.module.css'
import { WrittenCodecs } from './written-codecs'

/** Codec and level of new files, next to the codecs of the live files. */
export function CompressionPanel() {
  const { table, detail } = useShownTable()
  const pending = usePendingChanges(table)
  const { isOffered: canChange } = useCanChange('table:write')
  const pendingValue = (key: string) => {
    const intent = pending.intents.find((candidate) => candidate.key === key)
    if (intent === undefined) return detail.properties[key] ?? null
    return intent.kind === 'set-property' ? intent.value : null
  }
  const setPending = (key: string, value: string | null) => {
    const intent = intentFor(key, detail.properties[key] ?? null, value)
    if (intent === null) pending.drop(key)
    else pending.put(intent)
  }
  const codec = pendingValue(CODEC_PROPERTY)
  const levels = codecLevelRange(toCodec(codec) ?? 'zstd')
  const unwritten = codec === null ? null : codecWriteProblem(codec)
  const chooseCodec = (value: string | null) => {
    setPending(CODEC_PROPERTY, value)
    // A level is valid for one codec only.
    setPending(LEVEL_PROPERTY, null)
  }
  return (
    <Panel title="Compression of new files" subtitle="Applies to new files. Existing files are not rewritten.">
      <div className={classes.compression}>
        <Select
          label="Codec"
          data={COMPRESSION_CODECS.map((value) => ({ value, label: choiceLabel(CODEC_PROPERTY, value) }))}
          value={toCodec(codec) ?? codec}
          placeholder="zstd (default)"
          onChange={chooseCodec}
          disabled={!canChange}
          clearable
          w={150}
        />
        <Select
          label="Level"
          data={levels ? integerOptions(levels.min, levels.max) : []}
          value={levels ? pendingValue(LEVEL_PROPERTY) : null}
          placeholder={levels ? 'codec default' : 'not applicable'}
          disabled={!levels || !canChange}
          onChange={(value) => setPending(LEVEL_PROPERTY, value)}
          clearable
          w={150}
          {...(levels &&
            !levels.isHonoured && { description: 'Used by other engines; Lakeshore writes at the default level' })}
        />
        <WrittenCodecs />
      </div>
      {unwritten !== null && <p role="status">{unwritten}</p>}
    </Panel>
  )
}

function toCodec(text: string | null): CompressionCodec | null {
  return COMPRESSION_CODECS.find((codec) => codec === text?.toLowerCase()) ?? null
}

function integerOptions(min: number, max: number): string[] {
  return Array.from({ length: max - min + 1 }, (_, step) => String(min + step))
}
