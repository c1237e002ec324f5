'use client'
import { LazySelect } from '@/components/ui/controls/lazy-select'
import {
  CODEC_PROPERTY,
  COMPRESSION_CODECS,
  codecLevelRange,
  codecOf,
  LEVEL_PROPERTY,
} from '@/lib/iceberg/properties/compression'
import { propertyValue } from '@/lib/iceberg/properties/property-value'

type CodecChoiceProps = {
  /** With the pending changes. */
  properties: Readonly<Record<string, string>>
  setValue: (key: string, newValue: string | null) => void
  canChange: boolean
}

/** Codec and level of a table's new files. */
export function TableCodecChoice({ properties, setValue, canChange }: CodecChoiceProps) {
  return (
    <CodecChoice
      codec={propertyValue(properties, CODEC_PROPERTY)}
      level={propertyValue(properties, LEVEL_PROPERTY)}
      appliedCodec={propertyValue(properties, CODEC_PROPERTY)}
      unsetCodec="zstd (default)"
      canChange={canChange}
      onCodec={(value) => {
        setValue(CODEC_PROPERTY, value)
        // A level is valid for one codec only.
        setValue(LEVEL_PROPERTY, null)
      }}
      onLevel={(value) => setValue(LEVEL_PROPERTY, value)}
    />
  )
}

/**
 * Two fields: a codec, and a level that it has.
 *
 * @param props.of the name of the column, where visible labels have no room: accessible names contain it
 * @param props.appliedCodec the codec that the level applies to; null: the default one
 * @param props.unsetCodec the codec that applies if none is chosen
 */
export function CodecChoice({
  of,
  codec,
  level,
  appliedCodec,
  unsetCodec,
  canChange,
  onCodec,
  onLevel,
}: {
  of?: string
  codec: string | null
  level: string | null
  appliedCodec: string | null
  unsetCodec: string
  canChange: boolean
  onCodec: (value: string | null) => void
  onLevel: (value: string | null) => void
}) {
  const knownCodec = codecOf(appliedCodec)
  const levels = knownCodec && codecLevelRange(knownCodec)
  return (
    <>
      <LazySelect
        {...(of === undefined ? { label: 'Codec', w: 150 } : { 'aria-label': `Codec of ${of}` })}
        data={[...COMPRESSION_CODECS]}
        value={codec === null ? null : (codecOf(codec) ?? codec)}
        placeholder={unsetCodec}
        onChange={onCodec}
        disabled={!canChange}
        clearable
      />
      <LazySelect
        {...(of === undefined ? { label: 'Level', w: 150 } : { 'aria-label': `Level of ${of}` })}
        data={levels ? integerOptions(levels.min, levels.max) : []}
        value={levels ? level : null}
        placeholder={of === undefined ? (levels ? 'codec default' : 'not applicable') : levels ? 'default' : 'none'}
        disabled={!levels || !canChange}
        onChange={onLevel}
        clearable
      />
    </>
  )
}

function integerOptions(min: number, max: number): string[] {
  return Array.from({ length: max - min + 1 }, (_, step) => String(min + step))
}
