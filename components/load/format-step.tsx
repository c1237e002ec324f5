'use client'
import { Checkbox, NumberInput, TextInput } from '@mantine/core'
import { LazySelect } from '@/components/ui/controls/lazy-select'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { INPUT_FORMATS, type InputFormat } from '@/lib/contract/shapes/input-formats'
import type { LoadPreview } from '@/lib/contract/loads/loads'
import { type CsvOptions, GROUP_SEPARATORS, TEXT_ENCODINGS } from '@/lib/ingest/csv-options'
import { formatCount, formatQuantity } from '@/lib/format/count'
import classes from './format-step.module.css'
import { FirstRows } from './first-rows'
import { Step } from './step'
import type { LoadDraft } from './use-load-draft'

const FORMAT_LABELS: Record<InputFormat, string> = {
  csv: 'Delimited text (CSV, TSV)',
  ndjson: 'JSON lines',
  json: 'JSON array',
  parquet: 'Parquet',
  avro: 'Avro',
  arrow: 'Arrow, Feather',
}
const DELIMITERS = [
  { value: 'auto', label: 'as the header has it' },
  { value: ',', label: ',' },
  { value: ';', label: ';' },
  { value: '\t', label: 'tab' },
  { value: '|', label: '|' },
]
const QUOTES = [
  { value: '"', label: '"' },
  { value: "'", label: "'" },
  { value: 'none', label: 'none' },
]
const NUMBERS = [
  { value: '.', label: '1234.56' },
  { value: '.,', label: '1,234.56' },
  { value: ',', label: '1234,56' },
  { value: ', ', label: '1 234,56' },
  { value: ',.', label: '1.234,56' },
  { value: ",'", label: "1'234,56" },
]

/** How the files are read, and directly below it the first rows as read, with those that do not fit. */
export function FormatStep({
  draft,
  preview,
  isReading,
}: {
  draft: LoadDraft
  preview: LoadPreview | undefined
  isReading: boolean
}) {
  const { format, csv } = draft.options
  return (
    <Step number={2} title="Format" note={describe(preview)} isOpen={(preview?.rowsRejected ?? 0) > 0}>
      <div className={classes.options}>
        <LazySelect
          label="Format"
          data={INPUT_FORMATS.map((value) => ({ value, label: FORMAT_LABELS[value] }))}
          value={format}
          allowDeselect={false}
          onChange={(value) => value !== null && draft.change({ format: value })}
          w={190}
        />
        {csv && <CsvFields csv={csv} onChange={(change) => draft.change({ csv: { ...csv, ...change } })} />}
      </div>
      {preview ? (
        <FirstRows preview={preview} />
      ) : (
        isReading && <SkeletonRows rows={5} columns={6} label="Reading the first rows" />
      )}
    </Step>
  )
}

function describe(preview: LoadPreview | undefined): string {
  if (!preview) return 'below it, the first rows and those that do not fit'
  const read = `${preview.isTruncated ? 'the first ' : ''}${formatQuantity(preview.rowsRead, 'row')}`
  return preview.rowsRejected === 0
    ? `${read} ${preview.rowsRead === 1 ? 'fits' : 'fit'}`
    : `${formatCount(preview.rowsRejected)} of ${read} do not fit`
}

function CsvFields({ csv, onChange }: { csv: CsvOptions; onChange: (change: Partial<CsvOptions>) => void }) {
  return (
    <>
      <LazySelect
        label="Delimiter"
        data={DELIMITERS}
        value={csv.delimiter ?? 'auto'}
        allowDeselect={false}
        onChange={(value) => onChange({ delimiter: value === 'auto' ? null : value })}
        w={170}
      />
      <LazySelect
        label="Quote"
        data={QUOTES}
        value={csv.quote ?? 'none'}
        allowDeselect={false}
        onChange={(value) => onChange({ quote: value === 'none' ? null : value })}
        w={80}
      />
      <NumberInput
        label="Skip lines"
        value={csv.skippedLines}
        min={0}
        max={1000}
        allowDecimal={false}
        onChange={(value) =>
          onChange({ skippedLines: typeof value === 'number' ? Math.min(1000, Math.max(0, value)) : 0 })
        }
        w={90}
      />
      <LazySelect
        label="Encoding"
        data={[...TEXT_ENCODINGS]}
        value={csv.encoding}
        allowDeselect={false}
        onChange={(encoding) => encoding !== null && onChange({ encoding })}
        w={140}
      />
      <TextInput
        label="Null text"
        placeholder="empty"
        value={csv.nullText}
        maxLength={100}
        onChange={({ currentTarget }) => onChange({ nullText: currentTarget.value })}
        w={90}
      />
      <TextInput
        label="Dates"
        placeholder="2026-01-31"
        value={csv.dateFormat ?? ''}
        maxLength={100}
        onChange={({ currentTarget }) => onChange({ dateFormat: currentTarget.value || null })}
        w={120}
      />
      <TextInput
        label="Times"
        placeholder="2026-01-31 12:00"
        value={csv.timestampFormat ?? ''}
        maxLength={100}
        onChange={({ currentTarget }) => onChange({ timestampFormat: currentTarget.value || null })}
        w={160}
      />
      <LazySelect
        label="Numbers"
        data={NUMBERS}
        value={`${csv.decimalSeparator}${csv.groupSeparator ?? ''}`}
        allowDeselect={false}
        onChange={(value) => value !== null && onChange(toSeparators(value))}
        w={120}
      />
      <div className={classes.flags}>
        <Checkbox
          label="Header in the first line"
          checked={csv.hasHeader}
          onChange={({ currentTarget }) => onChange({ hasHeader: currentTarget.checked })}
        />
        <Checkbox
          label="Times without a zone are UTC"
          checked={csv.assumesUtc}
          onChange={({ currentTarget }) => onChange({ assumesUtc: currentTarget.checked })}
        />
      </div>
    </>
  )
}

function toSeparators(value: string): Pick<CsvOptions, 'decimalSeparator' | 'groupSeparator'> {
  return {
    decimalSeparator: value.startsWith(',') ? ',' : '.',
    groupSeparator: GROUP_SEPARATORS.find((separator) => value.slice(1) === separator) ?? null,
  }
}
