import { Button } from '@mantine/core'
import type { OtherReading } from '@/lib/contract/loads/loads'
import { formatQuantity } from '@/lib/format/count'
import type { CsvOptions } from '@/lib/ingest/csv-options'
import type { InputFormat } from '@/lib/contract/shapes/input-formats'
import classes from './csv.module.css'
import { FORMAT_LABELS } from './format-labels'

const DELIMITER_NAMES: Readonly<Record<string, string>> = { '\t': 'a tab' }

/**
 * Other ways in which the file could be meant, each with the choice that reads it so.
 *
 * @param props.onFormat left out where the readings have no other formats
 */
export function OtherReadings({
  readings,
  onCsv,
  onFormat,
}: {
  readings: readonly OtherReading[]
  onCsv: (change: Partial<CsvOptions>) => void
  onFormat?: (format: InputFormat) => void
}) {
  if (readings.length === 0) return null
  return (
    <ul className={classes.others} aria-label="Other ways to read the file">
      {readings.map((reading) => {
        const { sentence, action } = describe(reading)
        return (
          <li key={reading.kind}>
            <span className="secondary">{sentence}</span>
            <Button
              size="xs"
              variant="subtle"
              onClick={() => (reading.kind === 'format' ? onFormat?.(reading.format) : onCsv(toOptions(reading)))}
            >
              {action}
            </Button>
          </li>
        )
      })}
    </ul>
  )
}

function describe(reading: OtherReading): { sentence: string; action: string } {
  switch (reading.kind) {
    case 'delimiter': {
      const name = DELIMITER_NAMES[reading.delimiter] ?? reading.delimiter
      const fields = formatQuantity(reading.fieldCount, 'field')
      return { sentence: `Second best: with ${name} the first row has ${fields}.`, action: `Read with ${name}` }
    }
    case 'encoding':
      return { sentence: encodingSentence(reading.encoding), action: `Read as ${reading.encoding}` }
    case 'format': {
      const label = FORMAT_LABELS[reading.format]
      return { sentence: `The file begins like ${label}.`, action: `Read as ${label}` }
    }
  }
}

function encodingSentence(encoding: CsvOptions['encoding']): string {
  return encoding.startsWith('utf-16') ? 'Every other byte is zero, as in UTF-16.' : 'Some texts are not UTF-8.'
}

function toOptions(reading: Exclude<OtherReading, { kind: 'format' }>): Partial<CsvOptions> {
  return reading.kind === 'delimiter' ? { delimiter: reading.delimiter } : { encoding: reading.encoding }
}
