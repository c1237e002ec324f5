import { Button } from '@mantine/core'
import type { OtherReading } from '@/lib/contract/loads/loads'
import { formatQuantity } from '@/lib/format/count'
import { FORMAT_LABELS } from './format-labels'
import classes from './format-step.module.css'
import type { LoadDraft } from '../use-load-draft'

const DELIMITER_NAMES: Readonly<Record<string, string>> = { '\t': 'a tab' }

/** Other ways in which the file could be meant, each with the choice that reads it so. */
export function OtherReadings({
  readings,
  draft,
}: {
  readings: readonly OtherReading[]
  draft: Pick<LoadDraft, 'change' | 'changeCsv'>
}) {
  if (readings.length === 0) return null
  return (
    <ul className={classes.others} aria-label="Other ways to read the file">
      {readings.map((reading) => {
        const { sentence, action } = describe(reading)
        return (
          <li key={reading.kind}>
            <span className="secondary">{sentence}</span>
            <Button size="xs" variant="subtle" onClick={() => choose(reading, draft)}>
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
      return { sentence: 'Some texts are not UTF-8.', action: `Read as ${reading.encoding}` }
    case 'format': {
      const label = FORMAT_LABELS[reading.format]
      return { sentence: `The file begins like ${label}.`, action: `Read as ${label}` }
    }
  }
}

function choose(reading: OtherReading, { change, changeCsv }: Pick<LoadDraft, 'change' | 'changeCsv'>): void {
  switch (reading.kind) {
    case 'delimiter':
      return changeCsv({ delimiter: reading.delimiter })
    case 'encoding':
      return changeCsv({ encoding: reading.encoding })
    case 'format':
      return change({ format: reading.format })
  }
}
